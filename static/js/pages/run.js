// The page of one run: its pictures, spectrum and diagnostics; everything else came with the page.

import { get, getSlowly } from "../parts/api.js";
import { setUpConfirmation, showConfirmation, showVerdict } from "../parts/confirmation.js";
import { byId, copyText, make, numberElement, setText, showMessage } from "../parts/dom.js";
import { saveNote } from "../parts/notes.js";
import { writeTrouble } from "../parts/offline.js";
import { setUpPictures } from "../parts/pictures.js";
import { draw, gridOf, onTheme } from "../parts/plot.js";
import { diagnosticsFigure, spectrumFigure } from "../parts/run_figures.js";
import { offerTable } from "../parts/tables.js";
import { untilAnswered } from "../parts/waiting.js";

const run = document.querySelector("[data-run]").dataset.run;
const base = `/api/runs/${encodeURIComponent(run)}`;

/** Fill a chart's place: ask, draw, draw again on another theme; say what is wrong where it is. */
async function chart(id, path, show) {
  const element = byId(id);
  if (!element) return;
  element.setAttribute("aria-busy", "true");
  try {
    const value = await untilAnswered(() => getSlowly(`${base}/${path}`));
    const redraw = () => show(element, value);
    await redraw();
    onTheme(redraw);
  } catch (error) {
    element.querySelector(".chart").hidden = true;
    showMessage(element.querySelector(".chart-empty"), error.message);
  }
  element.removeAttribute("aria-busy");
}

const WHY = {
  no_contrast: "The density has no contrast: there is no spectrum to speak of.",
  too_few_shells: "The grid has too few shells for a spectrum.",
};

function matchRow(target, match) {
  const cell = (value) => make("td", { className: "num mono", children: [numberElement(value)] });
  return make("tr", {
    children: [
      make("td", { className: "mono", text: `p = ${target.prime}` }), cell(target.k),
      make("td", { className: "minor", text: target.resolved ? "yes" : "no" }),
      cell(match?.k ?? null), cell(match?.excess ?? null), cell(match?.cost ?? 0.25),
    ],
  });
}

async function showSpectrum(element, spectrum) {
  byId("matches-wrap").hidden = false;
  const matches = new Map(spectrum.matches.map((match) => [match.prime, match]));
  byId("matches").tBodies[0].replaceChildren(
    ...spectrum.targets.map((target) => matchRow(target, matches.get(target.prime))),
  );
  const place = element.querySelector(".chart");
  place.hidden = Boolean(spectrum.degenerate);
  showMessage(element.querySelector(".chart-empty"), WHY[spectrum.degenerate]);
  if (spectrum.degenerate) return;
  const figure = spectrumFigure(spectrum);
  await draw(place, figure);
  offerTable(element.querySelector(".chart-table"), figure);
}

const brief = (value) => String(Number(value.toPrecision(6)));

/** A failed run has fields of the last time at which they were finite, which may be its start. */
function showTime({ last_good_time: last, end_time: end }) {
  if (!document.querySelector("[data-run]").hasAttribute("data-failed")) return;
  setText(byId("fields-time"), last > 0
    ? `at t = ${brief(last)} of ${brief(end)}, the last time at which they were finite`
    : "the initial condition at t = 0: the run failed before its first frame");
}

async function showDiagnostics(element, diagnostics) {
  showTime(diagnostics);
  const place = element.querySelector(".chart");
  const figure = diagnosticsFigure(diagnostics);
  if (figure.data.length === 0) {
    throw new Error(`The run ended at t = ${brief(diagnostics.last_good_time)} of ${brief(diagnostics.end_time)}, before a second frame: there is no course to draw.`);
  }
  const { t, frames } = diagnostics;
  showMessage(element.querySelector(".chart-note"), t.length < frames ? `${t.length} of ${frames} frames drawn` : "");
  const { grid } = gridOf(figure.data.length);
  place.style.setProperty("--rows", grid.rows);
  await draw(place, { ...figure, layout: { ...figure.layout, grid } });
  offerTable(element.querySelector(".chart-table"), figure);
}

/** Show the verdict, anew when a confirmation has ended. */
async function showJudgement() {
  const { verdict } = await untilAnswered(() => get(base));
  showVerdict(verdict);
  setText(byId("run-verdict"), `Scientific verdict: ${verdict.scientific}`);
  byId("run-verdict").dataset.tone = verdict.scientific === "not reached" ? "idle" : "good";
}

function setUpNote() {
  byId("run-note").addEventListener("submit", async (event) => {
    event.preventDefault();
    const change = { note: byId("run-note-text").value.trim(), hidden: byId("run-note-hidden").checked };
    try {
      await saveNote(run, change);
      setText(byId("run-note-state"), "Saved");
    } catch (error) {
      writeTrouble(byId("run-note-state"), error);
    }
  });
  byId("run-note").addEventListener("input", () => setText(byId("run-note-state"), ""));
}

function setUpLog() {
  const log = byId("log");
  log.addEventListener("toggle", async () => {
    if (!log.open) return;
    const { lines, total } = await untilAnswered(() => get(`${base}/log`)).catch(
      (error) => ({ lines: [error.message], total: 1 }),
    );
    const left = total > lines.length ? [`(${total - lines.length} earlier lines are in the log file)`] : [];
    setText(log.querySelector("pre"), [...left, ...lines].join("\n") || "The log says nothing of this run any more.");
  });
}

setUpNote();
setUpLog();
byId("copy-command").addEventListener("click", () => copyText(byId("copy-command"), byId("command")));
setUpPictures(() => run);
chart("spectrum", "spectrum", showSpectrum);
chart("diagnostics", "diagnostics", showDiagnostics);
if (byId("verdict-words")) {
  setUpConfirmation(showJudgement);
  showJudgement().catch(() => {}); // the page came with the word; only what it rests on is missing
  showConfirmation(run);
}
