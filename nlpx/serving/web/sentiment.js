// Sentiment: the class of a review, and the words without which its probability changes.

import { only, predict } from "./api.js";
import { el } from "./dom.js";
import { area, bars, chips, field, form, limits, percent, results, Said } from "./parts.js";
import { say } from "./strings.js";

/** Words of Chinese where the browser knows them, else characters. */
const cutter = globalThis.Intl?.Segmenter ? new Intl.Segmenter("zh", { granularity: "word" }) : null;

export function sentiment(model) {
  const review = area(4, { required: true });
  const found = results();

  const run = async (signal) => {
    const text = review.value;
    if (!text.trim()) throw new Said("empty_class");
    const words = wordsOf(text);
    // One word is not left out of itself, and more words than a request may have rows are left alone.
    const shown = words.length > 1 && words.length < limits.rows;
    const without = shown ? words.map((_, place) => words.filter((_, other) => other !== place).join("")) : [];
    const rows = await predict(model, [text, ...without], null, signal);
    const whole = only(rows);
    const share = (row) => row.classes?.find((each) => each.class === whole.class)?.probability ?? 0;
    const effects = shown ? rows.slice(1).map((row) => share(whole) - share(row)) : words.map(() => 0);
    const note = el("p.help", shown ? { t: "mattered" } : {});
    found.replaceChildren(
      bars(whole.classes.map((each) => ({ label: each.class, share: each.probability, shown: percent(each.probability) }))),
      marked(words, effects, whole.class, note),
      note,
    );
  };
  const asking = form("classify", [field("review", review)], run);
  const examples = chips(model.samples, (sample) => ((review.value = sample), asking.start(run)));
  return el("div", {}, el("p.lead", { t: "lead_sentiment" }), asking, examples, found);
}

const wordsOf = (text) => (cutter ? [...cutter.segment(text)].map(({ segment }) => segment) : [...text]);

/** The text, with words that speak for the class and against it in two colours; the note has the numbers. */
function marked(words, effects, label, note) {
  const largest = Math.max(0.02, ...effects.map(Math.abs));
  const made = words.map((word, place) => {
    const effect = effects[place];
    const strength = Math.abs(effect) / largest;
    if (strength < 0.08 || !word.trim()) return word;
    const change = `${label} ${effect > 0 ? "−" : "+"}${percent(Math.abs(effect))}`;
    const tell = () => say(note, "textContent", ["without", word, change]);
    const options = { tabIndex: 0, style: { "--strength": strength.toFixed(2) }, on: { focus: tell, pointerenter: tell } };
    return el(`mark.${effect > 0 ? "for" : "against"}`, options, word);
  });
  return el("p.words.marked", {}, ...made);
}
