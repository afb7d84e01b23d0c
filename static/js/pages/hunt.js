// The hunt page. It polls the status every 3 s; what is dearer is asked for only when the status
// has changed.

/** @import { Status } from "../parts/answers.d.ts" */

import { POLL_MS, get } from "../parts/api.js";
import { setUpBest, showBest, showWhyNone } from "../parts/best.js";
import { chooseHunt, refreshCharts, setUpCharts } from "../parts/charts.js";
import { byId } from "../parts/dom.js";
import { setUpForm } from "../parts/form.js";
import { refreshHunts, setUpHunts } from "../parts/hunts.js";
import { useScript } from "../parts/offline.js";
import { refreshReading, setUpReading } from "../parts/reading.js";
import { refreshRuns, setUpRuns } from "../parts/runs.js";
import { showCurrentHunt, showOffline, showStatus } from "../parts/status.js";
import { showInTab } from "../parts/tab.js";
import { urlState } from "../parts/url_state.js";

/** @type {number | undefined} */
let timer;
/** @type {Promise<void> | null} */
let polling = null;
/** @type {string | null} */
let shown = null; // hunt and count that tables and charts show
/** @type {string | null} */
let judged = null; // hunt and state whose sensitivity is shown
let sensitivitySeen = false; // from then on it is asked for
/** @type {string | null} */
let estimated = null; // hunt and state for which the form's time was asked
/** @type {string | null} */
let queued = null; // the hunt and the version of the queue that are shown

let named = urlState().hunt !== "current"; // by the address: is there such a hunt?

async function refreshAll() {
  const hunts = refreshHunts();
  if (named) await hunts.catch(() => {}); // the hub knows hunts by their beginnings, too
  named = false;
  refreshCharts();
  const [, hunt] = await Promise.all([refreshRuns(), hunts]);
  showCurrentHunt(hunt);
  showWhyNone(hunt);
}

/**
 * The queue's script is loaded when something waits for the first time.
 * @param {Status} status
 */
async function followQueue({ hunt_id: hunt, queue: { waiting, set_aside: aside, held, version } }) {
  const now = `${hunt} ${version} ${held}`;
  if (now === queued || (queued === null && waiting + aside === 0)) return;
  queued = now;
  await import("../parts/queue.js").then(({ refreshQueue }) => refreshQueue());
}

/**
 * The sensitivity's script is loaded when somebody sees its section.
 * @param {string | null} hunt
 * @param {string} told hunt and state
 */
async function followSensitivity(hunt, told) {
  if (!sensitivitySeen || told === judged) return;
  judged = told;
  await import("../parts/sensitivity.js").then(({ refreshSensitivity }) => refreshSensitivity(hunt, poll));
}

/** How long the hunt in the form takes, asked for when the page is there. */
async function refreshEstimate() {
  await import("../parts/estimate.js").then(({ estimate }) => estimate());
}

async function ask() {
  try {
    /** @type {Status} */
    const status = await get("/api/get-status");
    showStatus(status);
    showInTab(status);
    showBest(status);
    followQueue(status).catch(() => { queued = null; });
    const told = `${status.hunt_id} ${status.hunt_status}`;
    followSensitivity(status.hunt_id, told).catch(() => { judged = null; });
    if (told !== estimated) {
      estimated = told;
      refreshEstimate().catch(() => { estimated = null; });
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
    showInTab(null);
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
byId("load-file").addEventListener("change", async () => {
  const loaded = await useScript(byId("form-error"), import("../parts/load.js"), ({ loadChosen }) => loadChosen());
  if (!loaded) byId("load-file", HTMLInputElement).value = ""; // so that the same file can be chosen again
});
setUpRuns();
setUpCharts();
setUpHunts(() => {
  if (named) return; // everything is asked for when the list has come
  chooseHunt();
  refreshRuns();
});
setUpBest(poll);
setUpReading(poll);
new IntersectionObserver((entries, watcher) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  watcher.disconnect();
  sensitivitySeen = true;
  poll();
}, { rootMargin: "100px" }).observe(byId("sensitivity"));
byId("live").addEventListener("toggle", () =>
  useScript(byId("live-error"), import("../parts/live.js"), ({ followLive }) => followLive()));
poll();
