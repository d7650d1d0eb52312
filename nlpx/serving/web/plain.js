// Any other model: its predictions as text and fields.

import { generate, predict } from "./api.js";
import { el } from "./dom.js";
import { area, chips, field, form, input, results } from "./parts.js";

const MOST = 64;

export function plain(model) {
  const parts = [el("p.lead", { t: model.takes === "text" ? "lead_plain" : "lead_generate" })];
  if (model.takes === "text") parts.push(...predicting(model));
  if (model.generates) parts.push(...generating(model));
  return el("div", {}, ...parts);
}

function predicting(model) {
  const text = area(3, { required: true });
  const found = results();
  const run = async (signal) => show(found, await predict(model, [text.value], null, signal));
  const asking = form("predict", [field("text", text)], run);
  const examples = chips(model.samples, (sample) => ((text.value = sample), asking.start(run)));
  return [asking, examples, found].filter(Boolean);
}

function generating(model) {
  const count = input({ type: "number", min: 1, max: MOST, value: model.takes === "text" ? 8 : MOST });
  const seed = input({ type: "number", min: 0, max: 2 ** 32 - 1, value: 0 });
  const found = results();
  const run = async (signal) => show(found, await generate(model, Number(count.value), Number(seed.value), null, signal));
  return [form("generate", [el("div.row", {}, field("count", count), field("seed", seed))], run), found];
}

function show(found, rows) {
  const failed = rows.find((row) => row instanceof Error);
  if (failed) throw failed;
  if (rows[0].point) return found.replaceChildren(points(rows.map((row) => row.point)));
  const made = rows.map((row) => (row.pixels ? image(row.pixels) : el("li", {}, row.text)));
  found.replaceChildren(el(rows[0].pixels ? "div.tiles" : "ul.lines", {}, ...made));
}

const EDGE = 320;

/** Points of the plane. */
function points(all) {
  const canvas = el("canvas.plot", { width: EDGE, height: EDGE });
  const context = canvas.getContext("2d");
  const reach = 1.2 * Math.max(...all.flat().map(Math.abs), 1e-9);
  context.fillStyle = "#b3362b";
  for (const [x, y] of all) {
    context.beginPath();
    context.arc((EDGE / 2) * (1 + x / reach), (EDGE / 2) * (1 - y / reach), 3, 0, 2 * Math.PI);
    context.fill();
  }
  return canvas;
}

/** An image of rows of pixels with 1 or 3 channels, 0 to 255. */
function image(pixels) {
  const [height, width] = [pixels.length, pixels[0].length];
  const canvas = el("canvas.tile", { width, height });
  const data = new ImageData(width, height);
  pixels.flat().forEach((channels, place) => {
    const [red, green = red, blue = red] = [channels].flat();
    data.data.set([red, green, blue, 255], 4 * place);
  });
  canvas.getContext("2d").putImageData(data, 0, 0);
  return canvas;
}
