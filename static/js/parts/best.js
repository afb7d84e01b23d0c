// Final Best Run (JSON): view, copy, download, open, hand over, judge, confirm.

import { at } from "./address.js";
import { get } from "./api.js";
import { setUpConfirmation, showConfirmation, showVerdict } from "./confirmation.js";
import { byId, copyText, setText, showMessage } from "./dom.js";

const EMPTY = "A finished hunt shows its best run here.";
const box = byId("provenance-box");
let result = null;
let shown = EMPTY;

/** Show what lies beside the golden parameters; a hunt that was cut short may have left none. */
async function showGolden(status) {
  const there = ["Completed", "Stopped"].includes(status);
  byId("golden-links").hidden = !there;
  if (!there) return;
  const { files } = await get("/api/golden.json").catch(() => ({ files: [] }));
  for (const link of document.querySelectorAll("[data-golden]")) link.hidden = !files.includes(link.dataset.golden);
}

export function showBest({ final_result: best, hunt_status: status }) {
  const text = best ? JSON.stringify(best, null, 2) : EMPTY;
  if (text === shown) return;
  result = best;
  shown = text;
  const found = Boolean(best?.job_uuid);
  setText(box, text);
  if (found || !best) showMessage(byId("best-none"), "");
  byId("copy-btn").disabled = byId("download-btn").disabled = !best;
  for (const id of ["verdict", "best-link", "best-run"]) byId(id).hidden = !found;
  if (!found) return;
  byId("best-link").href = at(`/runs/${best.job_uuid}`);
  setText(byId("verdict"), `Scientific verdict: ${best.verdict.scientific}`);
  byId("verdict").dataset.tone = best.verdict.scientific === "not reached" ? "idle" : "good";
  showVerdict(best.verdict);
  showConfirmation(best.job_uuid);
  showGolden(status);
}

/** Say why a hunt that is over has no best run. */
export function showWhyNone(hunt) {
  showMessage(byId("best-none"), result && !result.job_uuid ? hunt?.without_score : "");
}

function download() {
  const file = new Blob([shown + "\n"], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `best_run_${result.job_uuid ?? "none"}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Wire the section; `refresh` polls the status at once. */
export function setUpBest(refresh) {
  byId("copy-btn").addEventListener("click", () => copyText(byId("copy-btn"), box));
  byId("download-btn").addEventListener("click", download);
  setUpConfirmation(refresh);
}
