// Segmentation: coloured words, the words of jieba, and a user dictionary.

import { only, predict } from "./api.js";
import { el } from "./dom.js";
import { area, chips, field, form, results, Said } from "./parts.js";

export function segmentation(model) {
  const sentence = area(3, { required: true });
  const dictionary = area(3, { placeholder: "微信号 10" });
  const found = results();

  const run = async (signal) => {
    const words = wordsOf(dictionary.value);
    const options = { jieba: true, ...(words && { dictionary: words }) };
    const row = only(await predict(model, [sentence.value], options, signal));
    const [own, other] = [spans(row.words), spans(row.jieba)];
    const same = row.words.join("\n") === row.jieba.join("\n");
    found.replaceChildren(
      el("h3", { t: "model" }),
      line(row.words, own, other),
      el("h3", {}, "jieba"),
      line(row.jieba, other, own),
      el("p.help", { t: same ? "same_cut" : "other_cut" }),
    );
  };
  const more = el("details", {}, el("summary", { t: "dictionary" }), field("dictionary", dictionary, "dictionary_help"));
  const asking = form("cut", [field("sentence", sentence), more], run);
  const examples = chips(model.samples, (sample) => ((sentence.value = sample), asking.start(run)));
  return el("div", {}, el("p.lead", { t: "lead_segmentation" }), asking, examples, found);
}

/** The words with factors in the lines of a dictionary; null if there are none. */
function wordsOf(text) {
  const words = {};
  text.split("\n").forEach((line, number) => {
    if (!line.trim()) return;
    const match = /^\s*(\S+?)[\s,，]+(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.exec(line);
    if (!match || !(Number(match[2]) > 0)) throw new Said("dictionary_line", number + 1);
    words[match[1]] = Number(match[2]);
  });
  return Object.keys(words).length ? words : null;
}

/** Where words begin and end, as a set of "start-end". */
function spans(words) {
  let end = 0;
  return words.map((word) => `${end}-${(end += word.length)}`);
}

function line(words, own, other) {
  const known = new Set(other);
  const made = words.map((word, place) => {
    const kind = `word.w${place % 3}${known.has(own[place]) ? "" : ".other"}`;
    return el(`span.${kind}`, {}, word);
  });
  return el("p.words", {}, ...made);
}
