// Word vectors: neighbours, from one word to the next.

import { only, predict } from "./api.js";
import { el } from "./dom.js";
import { bars, chips, field, form, input, results, Said } from "./parts.js";

export function vectors(model) {
  const word = input({ required: true });
  const found = results();

  const run = async (signal) => {
    const row = only(await predict(model, [word.value], null, signal));
    if (!row.words.length) throw new Said("unknown_word");
    const near = row.neighbours.map(({ word: label, cosine }) => ({
      label, share: cosine, shown: cosine.toFixed(3), choose: () => go(label),
    }));
    found.replaceChildren(el("h3", { t: ["neighbours", row.words.join(" ")] }), bars(near));
  };
  const go = (chosen) => ((word.value = chosen), asking.start(run));
  const asking = form("look_up", [field("word", word)], run);
  return el("div", {}, el("p.lead", { t: "lead_vectors" }), asking, chips(model.samples, go), found);
}
