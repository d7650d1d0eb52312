// Requests to the server.

const TOKEN = "nlpx.token";
let token = "";
try {
  token = sessionStorage.getItem(TOKEN) ?? "";
} catch {
  // storage may be forbidden
}

/** An error of a request, or of one of its rows. */
export class Problem extends Error {
  /**
   * @param {string} code such as text_too_long.
   * @param {string} message of the server, in English.
   * @param {string} retry seconds after which to try again.
   */
  constructor(code, message, retry = "") {
    super(message);
    Object.assign(this, { code, retry });
  }
}

export function useToken(given) {
  token = given;
  try {
    sessionStorage.setItem(TOKEN, given);
  } catch {
    // it lasts until the page is left
  }
}

export const models = () => request("/v1/models");

/** The predictions for texts; rows with an error are Problems. */
export const predict = (model, texts, options, signal) =>
  rows(`/v1/${path(model)}/predict`, json({ texts, ...(options && { options }) }), signal);

/** The prediction for an image, which is a Blob. */
export async function predictImage(model, image, signal) {
  const form = new FormData();
  form.append("image", image, image.name || "image");
  return (await rows(`/v1/${path(model)}/predict`, { method: "POST", body: form }, signal))[0];
}

export const generate = (model, count, seed, options, signal) =>
  rows(`/v1/${path(model)}/generate`, json({ count, seed, ...(options && { options }) }), signal);

/** The only one of some predictions; throws its error. */
export function only([first]) {
  if (first instanceof Problem) throw first;
  return first;
}

const path = (model) => model.name.split("/").map(encodeURIComponent).join("/");
const json = (value) => ({
  method: "POST",
  body: JSON.stringify(value),
  headers: { "Content-Type": "application/json" },
});

async function rows(address, options, signal) {
  const { predictions } = await request(address, { ...options, signal });
  return predictions.map((row) => (row.error ? new Problem(row.error.code, row.error.message) : row));
}

async function request(address, options = {}) {
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  let response;
  let body;
  try {
    response = await fetch(address, { ...options, headers });
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("offline", String(error.message));
  }
  if (response.ok) return body;
  const { code, message } = body.error ?? { code: "offline", message: response.statusText };
  throw new Problem(code, message, response.headers.get("Retry-After") ?? "");
}
