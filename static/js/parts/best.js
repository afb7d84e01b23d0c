// Final Best Run (JSON): view, copy, download, open, hand over, judge, confirm.

/** @import { BestRun, HuntSummary, NoBestRun, Status } from "./answers.d.ts" */

import { at } from "./address.js";
import { get } from "./api.js";
import { setUpConfirmation, showConfirmation } from "./confirmation.js";
import { allWithin, byId, copyText, setText, showMessage } from "./dom.js";
import { showVerdict, showWord } from "./verdict.js";

const box = byId("provenance-box");
const EMPTY = box.textContent ?? ""; // what the page says while there is no best run
/** @type {BestRun | NoBestRun | null} */
let result = null;
let shown = EMPTY;

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
  for (const id of ["verdict", "best-link", "best-run"]) byId(id).hidden = !run;
  if (!run) return;
  byId("best-link", HTMLAnchorElement).href = at(`/runs/${run.job_uuid}`);
  showWord(byId("verdict"), run.verdict);
  showVerdict(run.verdict);
  showConfirmation(run.job_uuid);
  showGolden(status);
}

/**
 * Say why a hunt that is over has no best run.
 * @param {HuntSummary | null} hunt
 */
export function showWhyNone(hunt) {
  showMessage(byId("best-none"), result && !found(result) ? hunt?.without_score : "");
}

function download() {
  const file = new Blob([shown + "\n"], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `best_run_${found(result)?.job_uuid ?? "none"}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/**
 * Wire the section.
 * @param {() => void} refresh polls the status at once
 */
export function setUpBest(refresh) {
  const copy = byId("copy-btn", HTMLButtonElement);
  copy.addEventListener("click", () => copyText(copy, box));
  byId("download-btn").addEventListener("click", download);
  setUpConfirmation(refresh);
}
