// Final Best Run (JSON): view, copy, download, open, hand over, judge, confirm.

/** @import { BestRun, HuntSummary, NoBestRun, Status } from "./answers.d.ts" */

import { at } from "./address.js";
import { get, isAway } from "./api.js";
import { allWithin, byId, copyText, download, setText, showMessage } from "./dom.js";
import { fromHub } from "./offline.js";

const box = byId("provenance-box");
const EMPTY = box.textContent ?? ""; // what the page says while there is no best run
/** @type {BestRun | NoBestRun | null} */
let result = null;
/** @type {string | null} */
let shown = EMPTY;
let changed = () => {};
let wired = false; // the buttons of the confirmation

/** @param {BestRun | NoBestRun | null} best */
const found = (best) => (best && "job_uuid" in best ? best : null);

/**
 * Show what lies beside the golden parameters; a hunt that was cut short may have left none.
 * @param {string} status
 */
async function showGolden(status) {
  const there = ["Completed", "Stopped"].includes(status);
  byId("golden-links").hidden = !there;
  if (!there) return;
  const { files } = await get("/api/golden.json").catch(() => ({ files: [] }));
  for (const link of allWithin(document, "[data-golden]")) link.hidden = !files.includes(link.dataset.golden);
}

/**
 * Judge the best run; what does so is loaded with the first one.
 * @param {BestRun} run
 */
async function judge(run) {
  const [{ showVerdict, showWord }, { setUpConfirmation, showConfirmation }] = await fromHub(
    Promise.all([import("./verdict.js"), import("./confirmation.js")]));
  if (run !== result) return; // another one by now
  if (!wired) setUpConfirmation(changed);
  wired = true;
  byId("verdict").hidden = false;
  showWord(byId("verdict"), run.verdict);
  showVerdict(run.verdict);
  showConfirmation(run.job_uuid);
}

/** @param {Status} status */
export function showBest({ final_result, hunt_status: status }) {
  const best = "job_uuid" in final_result || "error" in final_result ? final_result : null;
  const text = best ? JSON.stringify(best, null, 2) : EMPTY;
  if (text === shown) return;
  result = best;
  shown = text;
  const run = found(best);
  setText(box, text);
  if (run || !best) showMessage(byId("best-none"), "");
  for (const id of ["copy-btn", "download-btn"]) byId(id, HTMLButtonElement).disabled = !best;
  for (const id of ["best-link", "best-run"]) byId(id).hidden = !run;
  if (!run) byId("verdict").hidden = true;
  if (!run) return;
  byId("best-link", HTMLAnchorElement).href = at(`/runs/${run.job_uuid}`);
  judge(run).catch((error) => {
    if (!isAway(error)) throw error;
    if (run === result) shown = null; // the next status tries again
  });
  showGolden(status);
}

/**
 * Say why a hunt that is over has no best run.
 * @param {HuntSummary | null} hunt
 */
export function showWhyNone(hunt) {
  showMessage(byId("best-none"), result && !found(result) ? hunt?.without_score : "");
}

function save() {
  const file = new Blob([box.textContent + "\n"], { type: "application/json" });
  download(file, `best_run_${found(result)?.job_uuid ?? "none"}.json`);
}

/**
 * Wire the section.
 * @param {() => void} refresh polls the status at once
 */
export function setUpBest(refresh) {
  const copy = byId("copy-btn", HTMLButtonElement);
  copy.addEventListener("click", () => copyText(copy, box));
  byId("download-btn").addEventListener("click", save);
  changed = refresh;
}
