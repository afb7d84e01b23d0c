// For pages that show what does not change: ask until the hub answers, saying so meanwhile.

import { byId, showMessage } from "./dom.js";

const AGAIN_MS = 3000;
const waiting = new Set();

/** Return what `ask` gives; while the hub is gone, show it and try again every 3 s. */
export async function untilAnswered(ask) {
  const token = {};
  for (;;) {
    try {
      const value = await ask();
      waiting.delete(token);
      showBanner();
      return value;
    } catch (error) {
      if (error.status !== 0 && error.status !== 503) {
        waiting.delete(token);
        showBanner();
        throw error;
      }
      waiting.add(token);
      showBanner();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

function showBanner() {
  const text = "The hub does not answer. This page goes on trying and recovers by itself.";
  showMessage(byId("offline-banner"), waiting.size ? text : "");
}
