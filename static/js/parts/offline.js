// What went wrong because the hub was away: it is said until the hub answers, and no longer.

import { get } from "./api.js";
import { setText, showMessage } from "./dom.js";

const AGAIN_MS = 3000;
const away = (error) => error.status === 0 || error.status === 503;
let waiting = []; // what takes a message back
let timer = null;

async function probe() {
  timer = null;
  try {
    await get("/healthz");
  } catch (error) {
    if (away(error)) {
      timer = setTimeout(probe, AGAIN_MS);
      return;
    }
  }
  const back = waiting;
  waiting = [];
  back.forEach((take) => take());
}

/** Show what went wrong; that the hub was away is taken back once it answers. */
export function showTrouble(element, error, show = showMessage) {
  show(element, error.message);
  if (error.status !== 0) return;
  waiting.push(() => { if (element.textContent === error.message) show(element, ""); });
  timer ??= setTimeout(probe, AGAIN_MS);
}

/** The same for an element that keeps its place when it is empty. */
export const writeTrouble = (element, error) => showTrouble(element, error, setText);
