// Sentences: the nearest ones of the training split, or of pasted lines.

import { only, predict } from "./api.js";
import { el } from "./dom.js";
import { area, bars, chips, field, form, input, results, Said } from "./parts.js";

const MOST_LINES = 200;

export function similarity(model) {
  const query = input({ required: true });
  const lines = area(5);
  const group = `where-${model.name}`;
  const radio = (key, checked) => el("input", { type: "radio", name: group, checked, on: { change: () => toggle() } });
  const [corpus, pasted] = [radio("in_corpus", true), radio("in_lines", false)];
  const box = field("lines", lines);
  const toggle = () => (box.hidden = !pasted.checked);
  toggle();
  const found = results();

  const run = async (signal) => {
    const given = pasted.checked ? lines.value.split("\n").filter((line) => line.trim()) : [];
    if (pasted.checked && !given.length) throw new Said("no_lines");
    if (given.length > MOST_LINES) throw new Said("too_many_lines", given.length, MOST_LINES);
    const row = only(await predict(model, [query.value], given.length ? { lines: given } : null, signal));
    const near = row.lines ?? row.neighbours ?? [];
    found.replaceChildren(
      bars(near.map(({ text, cosine }) => ({ label: text, share: cosine, shown: cosine.toFixed(3), choose: go(text) }))),
    );
  };
  const go = (text) => () => ((query.value = text), asking.start(run));
  const choice = (control, key) => el("label.choice", {}, control, el("span", { t: key }));
  const where = el("fieldset", {}, el("legend", { t: "where" }), choice(corpus, "in_corpus"), choice(pasted, "in_lines"));
  const asking = form("search", [field("question", query), where, box], run);
  const examples = chips(model.samples, (sample) => go(sample)());
  return el("div", {}, el("p.lead", { t: "lead_similarity" }), asking, examples, found);
}
