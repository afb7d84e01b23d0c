// Polls the status every 3 s; whatever is dearer is asked for only when the status has changed.

import { get } from "./api.js";
import { setUpBest, showBest } from "./best.js";
import { refreshChart, setUpChart } from "./chart.js";
import { setUpForm } from "./form.js";
import { openRun, refreshRuns, setUpRuns } from "./runs.js";
import { showOffline, showStatus } from "./status.js";

const POLL_MS = 3000;
let timer = null;
let polling = null;
let shown = null; // hunt and count that table and chart show

async function ask() {
  try {
    const status = await get("/api/get-status");
    showStatus(status);
    showBest(status.final_result);
    const now = `${status.hunt_id} ${status.found_count}`;
    if (now !== shown) {
      shown = now;
      await Promise.all([refreshRuns(), refreshChart()]);
    }
  } catch (error) {
    shown = null;
    showOffline(error);
  }
}

/** Poll now and every 3 s after; a poll under way is awaited, not doubled. */
async function poll() {
  clearTimeout(timer);
  if (polling) await polling;
  polling = ask();
  await polling;
  polling = null;
  clearTimeout(timer);
  timer = setTimeout(poll, POLL_MS);
}

setUpForm(poll);
setUpRuns();
setUpChart(openRun);
setUpBest();
poll();
