// What went wrong because the hub was away: it is said until the hub answers, and no longer.

import { ApiError, HUB_AWAY, POLL_MS, get, isAway, messageOf, statusOf } from "./api.js";
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

/**
 * A script that is loaded when it is needed; where it does not come, the hub is away.
 * @template T
 * @param {Promise<T>} script
 * @returns {Promise<T>}
 */
export const fromHub = (script) => script.catch((error) => {
  throw error instanceof TypeError ? new ApiError(0, HUB_AWAY) : error; // a browser's word for a script that did not come
});

/**
 * Use a script that is loaded when it is needed; an element says what goes wrong.
 * @template T
 * @param {HTMLElement} element
 * @param {Promise<T>} script
 * @param {(script: T) => unknown} use
 * @param {(element: HTMLElement, text: string) => void} [show]
 * @returns {Promise<boolean>} whether it came, and was used
 */
export async function useScript(element, script, use, show) {
  try {
    await use(await fromHub(script));
    return true;
  } catch (error) {
    showTrouble(element, error, show);
    return false;
  }
}
