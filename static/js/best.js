// Final Best Run (JSON): view, copy, download, open, golden parameters.

import { byId, copyText, setText } from "./dom.js";

const EMPTY = "A finished hunt shows its best run here.";
const box = byId("provenance-box");
let result = null;

export function showBest({ final_result: best }) {
  result = best;
  const found = Boolean(best?.job_uuid);
  setText(box, best ? JSON.stringify(best, null, 2) : EMPTY);
  byId("copy-btn").disabled = byId("download-btn").disabled = !best;
  for (const id of ["verdict", "best-link", "golden-link"]) byId(id).hidden = !found;
  if (!found) return;
  byId("best-link").href = `/runs/${best.job_uuid}`;
  setText(byId("verdict"), `Scientific verdict: ${best.verdict.scientific}`);
  byId("verdict").dataset.tone = best.verdict.scientific === "not reached" ? "idle" : "good";
}

function download() {
  const file = new Blob([box.textContent + "\n"], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `best_run_${result.job_uuid ?? "none"}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function setUpBest() {
  byId("copy-btn").addEventListener("click", () => copyText(byId("copy-btn"), box));
  byId("download-btn").addEventListener("click", download);
}
