// What went wrong because the hub was away: it is said until the hub answers, and no longer.

import { POLL_MS, get, isAway, messageOf, statusOf } from "./api.js";
import { setText, showMessage } from "./dom.js";

/** @type {(() => void)[]} */
let waiting = []; // what takes a message back
/** @type {number | null} */
let timer = null;

async function probe() {
  timer = null;
  try {
    await get("/healthz");
  } catch (error) {
    if (isAway(error)) {
      timer = setTimeout(probe, POLL_MS);
      return;
    }
  }
  const back = waiting;
  waiting = [];
  back.forEach((take) => take());
}

/**
 * Show what went wrong; that the hub was away is taken back once it answers.
 * @param {HTMLElement} element
 * @param {unknown} error
 * @param {(element: HTMLElement, text: string) => void} [show]
 */
export function showTrouble(element, error, show = showMessage) {
  const message = messageOf(error);
  show(element, message);
  if (statusOf(error) !== 0) return;
  waiting.push(() => { if (element.textContent === message) show(element, ""); });
  timer ??= setTimeout(probe, POLL_MS);
}

/**
 * The same for an element that keeps its place when it is empty.
 * @param {HTMLElement} element
 * @param {unknown} error
 */
export const writeTrouble = (element, error) => showTrouble(element, error, setText);
