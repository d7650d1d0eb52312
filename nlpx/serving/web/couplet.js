// Couplets: two strips of paper, the rules, and other lower lines.

import { only, predict } from "./api.js";
import { el } from "./dom.js";
import { button, chips, field, form, input, results } from "./parts.js";
import { say } from "./strings.js";

const RULES = ["punctuation", "reuse", "repetition", "distinct"];
const LONGEST_STRIP = 16;

export function couplet(model) {
  const upper = input({ maxLength: 256, required: true });
  const temperature = el("input", { type: "range", min: 0.2, max: 1.6, step: 0.1, value: 0.7 });
  const found = results();
  const hung = el("div.strips");
  const rules = el("ul.rules");
  const others = el("ul.lines");
  const heading = el("h3", { t: "others" });
  let drawn = 0;
  let shownFor = "";

  const hang = (line) => {
    const long = shownFor.length > LONGEST_STRIP;
    hung.classList.toggle("wide", long);
    hung.replaceChildren(strip("lower", line.text), strip("upper", shownFor));
    rules.replaceChildren(...RULES.map((name) => rule(name, line.rules[name])));
  };
  const begin = async (signal) => {
    const text = upper.value.trim();
    const line = only(await predict(model, [text], null, signal));
    [shownFor, drawn] = [text, 0];
    others.replaceChildren();
    heading.hidden = true;
    found.hidden = false;
    hang(line);
  };
  const draw = async (signal) => {
    const options = { seed: ++drawn, temperature: Number(temperature.value) };
    const line = only(await predict(model, [shownFor], options, signal));
    heading.hidden = false;
    const choose = el("button.link", { type: "button", on: { click: () => hang(line) } }, line.text);
    const broken = RULES.filter((name) => !line.rules[name]).length;
    others.prepend(el("li", {}, choose, el(broken ? "span.bad" : "span.good", { t: broken ? "broken" : "kept" })));
    hang(line);
  };

  const more = el("div.row", {}, button("another", () => asking.start(draw)), field("temperature", temperature));
  found.append(hung, rules, more, heading, others);
  found.hidden = true;
  const asking = form("answer", [field("upper", upper)], begin);
  const examples = chips(model.samples, (sample) => ((upper.value = sample), asking.start(begin)));
  return el("div", {}, el("p.lead", { t: "lead_couplet" }), asking, examples, found);
}

function strip(side, text) {
  const made = el(`p.strip.${side}`, {}, text);
  say(made, "ariaLabel", side);
  return made;
}

function rule(name, kept) {
  const mark = el("span.mark", {}, kept ? "✓" : "✗");
  say(mark, "title", kept ? "kept" : "broken");
  return el(`li.${kept ? "good" : "bad"}`, {}, mark, el("span", { t: `rule_${name}` }));
}
