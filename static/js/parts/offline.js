// What went wrong because the hub was away: it is said until the hub answers, and no longer.

import { ApiError, POLL_MS, get, isAway, messageOf, statusOf } from "./api.js";
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

const PART_MISSING = "A part of this page did not come. Try again, or reload the page.";

/**
 * A script that is loaded when it is needed. Where it does not come the hub is away, or was: some
 * browsers ask for a script that failed only once.
 * @template T
 * @param {Promise<T>} script
 * @returns {Promise<T>}
 */
export const fromHub = (script) => script.catch(async (error) => {
  if (!(error instanceof TypeError)) throw error; // a browser's word for a script that did not come
  await get("/healthz");
  throw new ApiError(503, PART_MISSING);
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
export async function useScript(element, script, use, show = showMessage) {
  try {
    await use(await fromHub(script));
    if (element.textContent === PART_MISSING) show(element, "");
    return true;
  } catch (error) {
    showTrouble(element, error, show);
    if (statusOf(error) === null) reportError(error); // a fault of the page
    return false;
  }
}
