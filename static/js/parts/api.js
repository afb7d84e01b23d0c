// Requests to the hub. Every failure is an ApiError: status 0 means that the hub did not answer.

import { at } from "./address.js";

const TIMEOUT_MS = 10_000;
const PATIENCE_MS = 60_000; // for what is computed when it is asked for

let ahead = 0; // how far the hub's clock is ahead of the browser's, in milliseconds

export class ApiError extends Error {
  constructor(status, message, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** Seconds since 1970 by the hub's clock. */
export const hubNow = () => (Date.now() + ahead) / 1000;

async function request(path, options = {}, patience = TIMEOUT_MS) {
  let response;
  try {
    response = await fetch(at(path), { ...options, signal: AbortSignal.timeout(patience) });
  } catch {
    throw new ApiError(0, "The hub does not answer.");
  }
  const date = Date.parse(response.headers.get("Date"));
  if (date) ahead = date - Date.now();
  const value = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(response.status, value.message ?? response.statusText, value.errors ?? []);
  }
  return value;
}

export const get = (path) => request(path);

/** Ask for what takes the hub a while: spectra, diagnostics, figures. */
export const getSlowly = (path) => request(path, {}, PATIENCE_MS);

export const post = (path, body = {}) =>
  request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
