// The hunt page. It polls the status every 3 s; what is dearer is asked for only when the status
// has changed.

/** @import { Status } from "../parts/answers.d.ts" */

import { POLL_MS, get } from "../parts/api.js";
import { setUpBest, showBest, showWhyNone } from "../parts/best.js";
import { chooseHunt, refreshCharts, setUpCharts } from "../parts/charts.js";
import { byId } from "../parts/dom.js";
import { setUpForm } from "../parts/form.js";
import { refreshHunts, setUpHunts } from "../parts/hunts.js";
import { refreshReading, setUpReading } from "../parts/reading.js";
import { refreshRuns, setUpRuns } from "../parts/runs.js";
import { refreshSensitivity, setUpSensitivity } from "../parts/sensitivity.js";
import { showCurrentHunt, showOffline, showStatus } from "../parts/status.js";
import { urlState } from "../parts/url_state.js";

/** @type {number | undefined} */
let timer;
/** @type {Promise<void> | null} */
let polling = null;
/** @type {string | null} */
let shown = null; // hunt and count that tables and charts show
/** @type {string | null} */
let judged = null; // hunt and state whose sensitivity is shown

let named = !["current", "all"].includes(urlState().hunt); // by the address: is there such a hunt?

async function refreshAll() {
  const hunts = refreshHunts();
  if (named) await hunts;
  named = false;
  refreshCharts();
  const [, hunt] = await Promise.all([refreshRuns(), hunts]);
  showCurrentHunt(hunt);
  showWhyNone(hunt);
}

async function ask() {
  try {
    /** @type {Status} */
    const status = await get("/api/get-status");
    showStatus(status);
    showBest(status);
    const told = `${status.hunt_id} ${status.hunt_status}`;
    if (told !== judged) {
      judged = told;
      refreshSensitivity(status.hunt_id);
    }
    refreshReading(status);
    const now = `${told} ${status.found_count}`; // its end changes what the list says
    if (now !== shown) {
      shown = now;
      await refreshAll();
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
byId("load-btn").addEventListener("click", () => byId("load-file").click());
byId("load-file").addEventListener("change", async () => (await import("../parts/load.js")).loadChosen());
setUpRuns();
setUpCharts();
setUpHunts((hunt) => {
  chooseHunt(hunt);
  refreshRuns();
});
setUpBest(poll);
setUpReading(poll);
setUpSensitivity(poll);
poll();
