// Verses: by seed, by opening, and between two verses.

import { generate, predict, Problem } from "./api.js";
import { el } from "./dom.js";
import { button, chips, field, form, input, results, Said } from "./parts.js";

const MOST_SEED = 2 ** 32;
/** Verses from one to another, both included. */
const STEPS = 21;
/** What the server says about a text, and the keys of the same in the language of the reader. */
const PROBLEMS = [
  [/ have no (.+)$/, "verse_unknown"],
  [/^(\d+) characters; a verse of this model has (\d+)/, "verse_long"],
  [/^no characters/, "verse_empty"],
  [/ between two verses of (\d+) characters each/, "verse_between"],
];

export function poem(model) {
  const { length, can_rhyme: canRhyme, rhymes } = model.facts;
  const opening = input({ maxLength: 2 * length });
  const seed = input({ type: "number", min: 0, max: MOST_SEED - 1, value: 1, required: true });
  const temperature = el("input", { type: "range", min: 0.2, max: 1.6, step: 0.1, value: 1 });
  const rhyme = el("input", { type: "checkbox", checked: rhymes });
  const found = results();

  const run = async (signal) => {
    const number = Number(seed.value);
    const options = { temperature: Number(temperature.value), ...(canRhyme && { rhyme: rhyme.checked }) };
    const text = opening.value.trim();
    const work = text
      ? predict(model, [text], { ...options, seed: number }, signal)
      : generate(model, 1, number, options, signal);
    const row = only(await work);
    found.replaceChildren(verse(row.verse ?? row.reconstruction));
  };
  const next = () => ((seed.value = (Number(seed.value) + 1) % MOST_SEED), asking.start(run));
  const fields = [
    field("opening", opening),
    el("div.row", {}, field("seed", seed), field("temperature", temperature)),
    canRhyme ? el("label.choice", {}, rhyme, el("span", { t: "rhyme" })) : null,
  ];
  const asking = form("compose", fields.filter(Boolean), run, [button("next_seed", next)]);
  const examples = chips(model.samples, (sample) => ((opening.value = sample), asking.start(run)));
  return el("div", {}, el("p.lead", { t: "lead_poem" }), asking, examples, found, between(model, length, seed));
}

/** The only one of some predictions; throws its error. */
function only([row]) {
  if (!(row instanceof Problem)) return row;
  for (const [pattern, key] of PROBLEMS) {
    const found = pattern.exec(row.message);
    if (found) throw new Said(key, ...found.slice(1));
  }
  throw row;
}

/** Two verses, and a slider from one to the other. */
function between(model, length, seed) {
  const [first, last] = [input({ required: true }), input({ required: true })];
  const slider = el("input", { type: "range", min: 0, max: STEPS - 1, step: 1, value: 0 });
  const shown = results();
  let verses = [];

  const show = () => shown.replaceChildren(verse(verses[Number(slider.value)] ?? ""));
  slider.addEventListener("input", show);
  const run = async (signal) => {
    verses = only(await predict(model, [`${first.value}|${last.value}`], { steps: STEPS }, signal)).verses;
    slider.max = verses.length - 1;
    slider.value = 0;
    path.hidden = false;
    show();
  };
  const fill = async (signal) => {
    const start = Math.floor(Math.random() * MOST_SEED);
    const made = await generate(model, 2, start, null, signal);
    [first.value, last.value] = made.map((row) => row.verse);
    await run(signal);
  };
  const path = field("position", slider);
  path.hidden = true;
  const fields = [el("p.help", { t: ["between_help", length] }), el("div.row", {}, field("first", first), field("last", last))];
  const asking = form("blend", fields, run, [button("fill", () => asking.start(fill))]);
  return el("details", {}, el("summary", { t: "between" }), asking, path, shown);
}

function verse(text) {
  const lines = text.split(/(?<=[，。])/);
  return el("p.verse", {}, ...lines.map((line) => el("span", {}, line)));
}
