// What several panels consist of.

import { Problem } from "./api.js";
import { el } from "./dom.js";
import { has, say } from "./strings.js";

let ids = 0;

/** A label above a control. */
export function field(key, control, help = null) {
  control.id ||= `field-${++ids}`;
  return el("div.field", {}, el("label", { t: key, htmlFor: control.id }), control, help && el("p.help", { t: help }));
}

export const input = (options = {}) => el("input", { type: "text", autocomplete: "off", spellcheck: false, ...options });
export const area = (rows, options = {}) => el("textarea", { rows, spellcheck: false, ...options });
export const button = (key, run, kind = "") =>
  el(`button${kind && `.${kind}`}`, { t: key, type: "button", on: { click: run } });

/**
 * A form that runs one request at a time; a new one takes the place of the one before.
 * @param {string} key text of its button.
 * @param {Node[]} fields
 * @param {(signal: AbortSignal) => Promise<void>} run
 * @param {Node[]} more buttons
 * @returns {HTMLFormElement} with a method `start(run)`.
 */
export function form(key, fields, run, more = []) {
  const status = el("p.status", { role: "status" });
  let current = null;
  const made = el(
    "form",
    { on: { submit: (event) => (event.preventDefault(), made.start(run)) } },
    ...fields,
    el("div.actions", {}, el("button.main", { t: key, type: "submit" }), ...more),
    status,
  );
  made.classList.toggle("inline", fields.length === 1 && fields[0].matches(".field:has(input)"));
  made.start = async (work) => {
    current?.abort();
    const own = (current = new AbortController());
    made.setAttribute("aria-busy", "true");
    status.classList.remove("failed");
    say(status, "textContent", "working");
    try {
      await work(own.signal);
      if (own === current) clear(status);
    } catch (error) {
      if (own === current) fail(status, error);
    } finally {
      if (own === current) made.removeAttribute("aria-busy");
    }
  };
  for (const control of made.querySelectorAll("textarea"))
    control.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) made.requestSubmit();
    });
  return made;
}

function clear(status) {
  delete status.dataset.t;
  status.textContent = "";
}

/** Show an error; that of the server in the language of the reader, where there is one. */
export function fail(status, error) {
  if (error.name === "AbortError") return;
  status.classList.add("failed");
  const known = error instanceof Problem && has(`error_${error.code}`);
  if (known) say(status, "textContent", [`error_${error.code}`, error.retry || "1", limits.characters]);
  else if (error instanceof Problem || error instanceof Said) say(status, "textContent", error.keyed ?? ["problem", error.message]);
  else {
    say(status, "textContent", ["problem", String(error)]);
    console.error(error);
  }
}

/** A mistake of the user that the page finds itself; args are the key and values of its text. */
export class Said extends Error {
  constructor(...keyed) {
    super(keyed[0]);
    this.keyed = keyed;
  }
}

/** The limits of the server. */
export const limits = { rows: 256, characters: 10000, bytes: 8 << 20 };

/** Buttons that fill in an example. */
export function chips(samples, choose) {
  if (!samples.length) return null;
  const made = samples.slice(0, 5).map((sample) =>
    el("button.chip", { type: "button", title: sample, on: { click: () => choose(sample) } }, sample),
  );
  return el("div.chips", {}, el("span.help", { t: "try" }), ...made);
}

/**
 * Rows with a bar each.
 * @param {{label: string, share: number, shown: string, choose?: () => void}[]} rows shares from 0 to 1.
 */
export function bars(rows) {
  const made = rows.map(({ label, share, shown, choose }) => {
    const name = choose ? el("button.link", { type: "button", on: { click: choose } }, label) : el("span", {}, label);
    const width = `${(100 * Math.max(0, Math.min(1, share))).toFixed(1)}%`;
    return el("li", { style: { "--share": width } }, name, el("span.number", {}, shown));
  });
  return el("ol.bars", {}, ...made);
}

export const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** A section that stays empty until it has results. */
export const results = () => el("section.results", { ariaLive: "polite" });
