// The page: one tab for each model.

import { models, useToken } from "./api.js";
import { el } from "./dom.js";
import { fail, field, form, input, limits } from "./parts.js";
import { has, say, show, switchLanguage } from "./strings.js";
import { couplet } from "./couplet.js";
import { digits, imageClassification, ocr } from "./images.js";
import { linking } from "./linking.js";
import { plain } from "./plain.js";
import { poem } from "./poem.js";
import { segmentation } from "./segmentation.js";
import { sentiment } from "./sentiment.js";
import { similarity } from "./similarity.js";
import { title } from "./title.js";
import { vectors } from "./vectors.js";

/** The panel of each task, in the order of the tabs; all others are plain. */
const PANELS = {
  couplet, segmentation, title, similarity, poem, sentiment, vectors, linking,
  image_classification: imageClassification, digits, ocr, ocr_lines: ocr,
};

const tabs = document.getElementById("tabs");
const main = document.getElementById("panels");
const notice = document.getElementById("notice");
const language = document.getElementById("language");
language.addEventListener("click", switchLanguage);
say(language, "textContent", "switch");
say(notice, "textContent", "loading");
show();
start();

async function start() {
  let found;
  try {
    found = await models();
  } catch (error) {
    if (error.code === "token_needed") askForToken();
    else fail(notice, error);
    return;
  }
  Object.assign(limits, found.limits);
  const order = Object.keys(PANELS);
  const place = ({ task }) => (order.includes(task) ? order.indexOf(task) : order.length);
  const sorted = found.models.sort((one, other) => place(one) - place(other));
  if (!sorted.length) return say(notice, "textContent", "none");
  notice.remove();
  for (const model of sorted) tabs.append(tabOf(model, sorted));
  tabs.addEventListener("keydown", move);
  window.addEventListener("hashchange", select);
  select();
}

function askForToken() {
  const given = input({ type: "password", required: true, autocomplete: "current-password" });
  const asking = form("enter", [el("p", { t: "token_needed" }), field("token", given)], async () => {
    useToken(given.value.trim());
    asking.remove();
    say(notice, "textContent", "loading");
    await start();
  });
  asking.className = "card";
  notice.textContent = "";
  delete notice.dataset.t;
  main.append(asking);
  given.focus();
}

function tabOf(model, all) {
  const alone = all.filter(({ task }) => task === model.task).length === 1;
  const key = `task_${model.task}`;
  const label = el("span", has(key) ? { t: key } : { textContent: model.task });
  const run = alone ? null : el("small", {}, model.name.slice(model.task.length + 1));
  const panel = (PANELS[model.task] ?? plain)(model);
  const id = encodeURIComponent(model.name);
  const foot = el("p.foot", {}, `${model.name} · `, el("span", { t: ["step", model.step] }), ` · ${model.engine}`);
  main.append(el("article.card", { id: `panel-${id}`, role: "tabpanel", hidden: true }, panel, foot));
  const choose = () => (location.hash = id);
  return el("button.tab", { id: `tab-${id}`, type: "button", role: "tab", on: { click: choose } }, label, run);
}

/** Show the panel that the address names, or the first one. */
function select() {
  const buttons = [...tabs.children];
  const chosen = buttons.find(({ id }) => id === `tab-${location.hash.slice(1)}`) ?? buttons[0];
  for (const tab of buttons) {
    const here = tab === chosen;
    tab.setAttribute("aria-selected", here);
    tab.tabIndex = here ? 0 : -1;
    const panel = document.getElementById(tab.id.replace("tab-", "panel-"));
    panel.hidden = !here;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("aria-labelledby", tab.id);
  }
  chosen.scrollIntoView({ block: "nearest", inline: "center" });
  document.title = `${chosen.textContent} · nlpx`;
}

/** Arrow keys move between tabs. */
function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...tabs.children];
  const at = buttons.indexOf(document.activeElement) + step;
  const next = buttons[Math.max(0, Math.min(buttons.length - 1, at))];
  next.focus();
  next.click();
}
