// Requests to the hub. Every failure is an ApiError: status 0 means that the hub did not answer.

/** @import { FieldProblem, Problem } from "./answers.d.ts" */

import { at } from "./address.js";

export const POLL_MS = 3000; // how often the hub is asked, whether it is there or not
export const HUB_AWAY = "The hub does not answer.";
export const STILL_TRYING = `${HUB_AWAY} This page goes on trying and recovers by itself.`;

const TIMEOUT_MS = 10_000;
const PATIENCE_MS = 60_000; // for what is computed when it is asked for

let ahead = 0; // how far the hub's clock is ahead of the browser's, in milliseconds

export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {FieldProblem[]} [errors]
   */
  constructor(status, message, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/**
 * The status of a failed request; null for an error of the page itself.
 * @param {unknown} error
 */
export const statusOf = (error) => (error instanceof ApiError ? error.status : null);

/**
 * Whether the hub was not there, or not ready, when it was asked.
 * @param {unknown} error
 */
export const isAway = (error) => [0, 503].includes(statusOf(error) ?? -1);

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** Seconds since 1970 by the hub's clock. */
export const hubNow = () => (Date.now() + ahead) / 1000;

/**
 * What the hub answered instead of what it was asked for.
 * @param {Response} response
 * @param {Partial<Problem>} problem
 */
const refusal = (response, { message, errors }) =>
  new ApiError(response.status, message ?? response.statusText, errors ?? []);

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @param {number} [patience] in milliseconds
 * @returns {Promise<any>}
 */
async function request(path, options = {}, patience = TIMEOUT_MS) {
  let response;
  try {
    response = await fetch(at(path), { ...options, signal: AbortSignal.timeout(patience) });
  } catch {
    throw new ApiError(0, HUB_AWAY);
  }
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (date) ahead = date - Date.now();
  const value = await response.json().catch(() => ({}));
  if (!response.ok) throw refusal(response, value);
  return value;
}

/** @param {string} path */
export const get = (path) => request(path);

/**
 * Ask for what takes the hub a while: spectra, diagnostics, figures.
 * @param {string} path
 */
export const getSlowly = (path) => request(path, {}, PATIENCE_MS);

/**
 * Ask for a file, for as long as it takes.
 * @param {string} path
 */
export async function getFile(path) {
  let response;
  try {
    response = await fetch(at(path));
  } catch {
    throw new ApiError(0, HUB_AWAY);
  }
  if (response.ok) return response.blob();
  throw refusal(response, await response.json().catch(() => ({})));
}

/**
 * @param {string} path
 * @param {object} [body]
 */
export const post = (path, body = {}) =>
  request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
