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
    const row = only(await predict(model, [article.value], { candidates: CANDIDATES, seed, attention: true }, signal));
    const sorted = (row.candidates ?? []).sort((one, other) => one.nll_per_character - other.nll_per_character);
    found.replaceChildren(
      ...(row.attention ? attended(row.attention) : [el("p.headline", {}, row.title)]),
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

/** The headline, and below it the article, shaded by what the chosen token of the headline attends to. */
function attended({ article, headline, weights }) {
  const read = article.map((token) => el("span", {}, token));
  const mean = read.map((_, place) => weights.reduce((sum, row) => sum + row[place], 0) / Math.max(weights.length, 1));
  const shade = (row) => {
    const largest = Math.max(...row, 1e-9);
    row.forEach((weight, place) => read[place].style.setProperty("--strength", (weight / largest).toFixed(2)));
  };
  const written = headline.map((token, number) => {
    const light = () => {
      for (const other of written) other.classList.toggle("lit", other === made);
      shade(weights[number]);
    };
    const made = el("span", { tabIndex: 0, on: { pointerenter: light, focus: light } }, token);
    return made;
  });
  const all = () => {
    for (const each of written) each.classList.remove("lit");
    shade(mean);
  };
  shade(mean);
  const line = el("p.headline.attending", { on: { pointerleave: all } }, ...written);
  return [line, el("p.help", { t: "attention" }), el("p.words.attended", {}, ...read)];
}
