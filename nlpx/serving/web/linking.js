// Entities: the mentions of a text, with what they are linked to.

import { only, predict } from "./api.js";
import { el } from "./dom.js";
import { area, chips, field, form, percent, results } from "./parts.js";

export function linking(model) {
  const text = area(4, { required: true });
  const found = results();

  const run = async (signal) => {
    const given = text.value;
    const { mentions } = only(await predict(model, [given], null, signal));
    if (!mentions.length) return found.replaceChildren(el("p", { t: "no_mentions" }));
    found.replaceChildren(marked(given, mentions), el("ol.entities", {}, ...mentions.map(entity)));
  };
  const asking = form("link", [field("text", text)], run);
  const examples = chips(model.samples, (sample) => ((text.value = sample), asking.start(run)));
  return el("div", {}, el("p.lead", { t: "lead_linking" }), asking, examples, found);
}

/** The text with its mentions; offsets count characters, of which some are two units of a string. */
function marked(text, mentions) {
  const characters = [...text];
  const parts = [];
  let end = 0;
  for (const { mention, offset } of mentions) {
    if (offset < end) continue; // within the mention before
    parts.push(characters.slice(end, offset).join(""), el("mark", {}, mention));
    end = offset + [...mention].length;
  }
  return el("p.words", {}, ...parts, characters.slice(end).join(""));
}

function entity({ mention, subject, description, score }) {
  const name = el("strong", {}, subject ?? mention);
  const about = description ? `：${description}` : "";
  return el("li", {}, name, about, score == null ? null : el("span.number", {}, percent(score)));
}
