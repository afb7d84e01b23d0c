// Final Best Run (JSON): view, copy, download.

import { byId, setText } from "./dom.js";

const EMPTY = "A finished hunt shows its best run here.";
const box = byId("provenance-box");
let result = null;

export function showBest(best) {
  result = best;
  const found = Boolean(best?.job_uuid);
  setText(box, best ? JSON.stringify(best, null, 2) : EMPTY);
  byId("copy-btn").disabled = byId("download-btn").disabled = !best;
  const verdict = byId("verdict");
  verdict.hidden = !found;
  if (!found) return;
  setText(verdict, `Scientific verdict: ${best.verdict.scientific}`);
  verdict.dataset.tone = best.verdict.scientific === "reached" ? "good" : "idle";
}

async function copy() {
  try {
    await navigator.clipboard.writeText(box.textContent);
    setText(byId("copy-btn"), "Copied");
  } catch {
    getSelection().selectAllChildren(box); // no clipboard without https: leave it to Ctrl-C
    setText(byId("copy-btn"), "Selected");
  }
  setTimeout(() => setText(byId("copy-btn"), "Copy"), 2000);
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
  byId("copy-btn").addEventListener("click", copy);
  byId("download-btn").addEventListener("click", download);
}
