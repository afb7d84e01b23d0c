// For pages that show what does not change: ask until the hub answers, saying so meanwhile.

import { POLL_MS, STILL_TRYING, isAway } from "./api.js";
import { byId, showMessage } from "./dom.js";

const waiting = new Set();

/**
 * Return what `ask` gives; while the hub is gone, show it and try again every 3 s.
 * @template T
 * @param {() => Promise<T>} ask
 * @returns {Promise<T>}
 */
export async function untilAnswered(ask) {
  const token = {};
  for (;;) {
    try {
      const value = await ask();
      waiting.delete(token);
      showBanner();
      return value;
    } catch (error) {
      if (!isAway(error)) {
        waiting.delete(token);
        showBanner();
        throw error;
      }
      waiting.add(token);
      showBanner();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

function showBanner() {
  showMessage(byId("offline-banner"), waiting.size ? STILL_TRYING : "");
}
