// Headlines: candidates with their likelihood.

import { only, predict } from "./api.js";
import { el } from "./dom.js";
import { area, bars, button, chips, field, form, results } from "./parts.js";

const CANDIDATES = 6;

export function title(model) {
  const article = area(6, { required: true });
  const found = results();
  let seed = 0;

  const run = async (signal) => {
    const row = only(await predict(model, [article.value], { candidates: CANDIDATES, seed }, signal));
    const sorted = (row.candidates ?? []).sort((one, other) => one.nll_per_character - other.nll_per_character);
    found.replaceChildren(
      el("p.headline", {}, row.title),
      el("h3", { t: "candidates" }),
      bars(sorted.map(candidate)),
      el("p.help", { t: "per_character" }),
    );
  };
  const again = button("more_headlines", () => ((seed += CANDIDATES), asking.start(run)));
  const asking = form("headline", [field("article", article)], (signal) => ((seed = 0), run(signal)), [again]);
  const examples = chips(model.samples, (sample) => ((article.value = sample), (seed = 0), asking.start(run)));
  return el("div", {}, el("p.lead", { t: "lead_title" }), asking, examples, found);
}

const candidate = ({ title: label, nll_per_character: nll }) => ({ label, share: Math.exp(-nll), shown: nll.toFixed(2) });
