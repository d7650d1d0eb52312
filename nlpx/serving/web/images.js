// Images: classes, and text with boxes.

import { only, predictImage } from "./api.js";
import { el, shape } from "./dom.js";
import { bars, button, fail, limits, percent, results, Said } from "./parts.js";
import { say } from "./strings.js";

const TOP = 5;
const MEGABYTE = 1e6;
const SMALL = 100;

export const imageClassification = (model) =>
  upload(model, "lead_image", (found, row) => found.append(classes(row, "probability")));

export const digits = (model) =>
  upload(model, "lead_image", (found, row) => found.append(classes(row, "score")), pad);

export const ocr = (model) => upload(model, "lead_ocr", (found, row, view) => read(found, row, view));

const classes = (row, value) =>
  bars(row.classes.slice(0, TOP).map((each) => ({ label: each.class, share: each[value], shown: percent(each[value]) })));

/** A panel that takes an image by a dialog, by dropping it, and by pasting it. */
function upload(model, lead, show, further = () => null) {
  const status = el("p.status", { role: "status" });
  const found = results();
  const file = el("input.hidden", { type: "file", accept: "image/*", tabIndex: -1 });
  let current = null;
  let address = "";

  const send = async (image) => {
    if (!image) return;
    current?.abort();
    const own = (current = new AbortController());
    status.classList.remove("failed");
    say(status, "textContent", "working");
    try {
      if (image.size > limits.bytes)
        throw new Said("too_large", (image.size / MEGABYTE).toFixed(1), (limits.bytes / MEGABYTE).toFixed(1));
      const row = only([await predictImage(model, image, own.signal)]);
      URL.revokeObjectURL(address);
      address = URL.createObjectURL(image);
      const view = el("figure.view", {}, picture(address));
      view.firstChild.addEventListener("load", ({ target }) => view.classList.toggle("small", target.naturalWidth < SMALL));
      found.replaceChildren(view);
      show(found, row, view);
      delete status.dataset.t;
      status.textContent = "";
    } catch (error) {
      if (own === current) fail(status, error);
    }
  };
  file.addEventListener("change", () => (send(file.files[0]), (file.value = "")));
  const zone = el("div.drop", {}, button("choose_image", () => file.click(), "main"), file, el("span.help", { t: "drop_image" }));
  const panel = el("div", {}, el("p.lead", { t: lead }), zone, further(send), status, found);
  panel.addEventListener("dragover", (event) => (event.preventDefault(), zone.classList.add("over")));
  panel.addEventListener("dragleave", () => zone.classList.remove("over"));
  panel.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    send(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    if (panel.offsetParent) send(event.clipboardData.files[0]);
  });
  return panel;
}

function picture(address) {
  const made = el("img", { src: address });
  say(made, "alt", "your_image");
  return made;
}

/** A square to draw a digit in, white on black as in the data. */
function pad(send) {
  const EDGE = 224;
  const canvas = el("canvas.pad", { width: EDGE, height: EDGE });
  say(canvas, "ariaLabel", "draw");
  const context = canvas.getContext("2d");
  const wipe = () => {
    context.fillStyle = "#000";
    context.fillRect(0, 0, EDGE, EDGE);
  };
  wipe();
  let drawing = false;
  const place = ({ offsetX, offsetY }) => [(offsetX * EDGE) / canvas.clientWidth, (offsetY * EDGE) / canvas.clientHeight];
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    Object.assign(context, { strokeStyle: "#fff", lineWidth: 18, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(...place(event));
    context.lineTo(...place(event));
    context.stroke();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    context.lineTo(...place(event));
    context.stroke();
  });
  canvas.addEventListener("pointerup", () => (drawing = false));
  const recognize = () => canvas.toBlob((blob) => send(blob), "image/png");
  return el("details", {}, el("summary", { t: "draw" }), canvas, el("div.actions", {}, button("recognize", recognize, "main"), button("clear", wipe)));
}

/** Boxes over the image, and the lines that were read; pointing at one shows the other. */
function read(found, row, view) {
  if (!row.lines.length) return found.append(el("p", { t: "nothing_read" }));
  const image = view.querySelector("img");
  const boxes = row.lines.map((line) => shape("g", {}, box(line.box, "line"), ...(line.characters ?? []).map((each) => box(each.box, "character"))));
  image.addEventListener("load", () => {
    const size = `0 0 ${image.naturalWidth} ${image.naturalHeight}`;
    view.append(shape("svg", { viewBox: size, "aria-hidden": "true" }, ...boxes));
  });
  const items = row.lines.map((line, number) => {
    const light = (on) => () => boxes[number].classList.toggle("lit", on);
    const item = el("li", { tabIndex: 0, on: { pointerenter: light(true), pointerleave: light(false), focus: light(true), blur: light(false) } }, line.text);
    if (line.log_probability != null) item.append(el("span.number", {}, percent(Math.exp(line.log_probability))));
    return item;
  });
  found.append(el("h3", { t: "read" }), el("ol.lines.read", {}, ...items));
}

const box = ([top, left, height, width], kind) => shape("rect", { class: kind, x: left, y: top, width, height });
