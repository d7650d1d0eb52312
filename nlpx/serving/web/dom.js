// Elements, without any HTML from strings: text only ever becomes the content of a text node.

import { say } from "./strings.js";

/**
 * An element.
 * @param {string} name tag, optionally with classes: "p.note".
 * @param {object} options `t` is the key of a translated text, or [key, ...values]; `on` has listeners;
 *   `style` has custom properties; everything else is a property or an attribute.
 * @param {...(Node|string|null)} children
 */
export function el(name, options = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(options)) {
    if (key === "t") say(made, "textContent", value);
    else if (key === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (key === "style") for (const [property, set] of Object.entries(value)) made.style.setProperty(property, set);
    else if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A shape of SVG. */
export function shape(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
