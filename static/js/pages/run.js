// The page of one run: its pictures, spectrum and diagnostics; everything else came with the page.

/** @import { RunDetails, RunDiagnostics, RunLog, RunSpectrum, SpectrumMatch, Target } from "../parts/answers.d.ts" */

import { get, getSlowly, messageOf } from "../parts/api.js";
import { areaOf, offerTable, sayDrawn, sayEmpty, tableOf } from "../parts/chart_card.js";
import { setUpConfirmation, showConfirmation } from "../parts/confirmation.js";
import { CONSTANTS } from "../parts/constants.js";
import { byId, copyText, make, numberElement, setText, within } from "../parts/dom.js";
import { saveNote } from "../parts/notes.js";
import { writeTrouble } from "../parts/offline.js";
import { setUpPictures } from "../parts/pictures.js";
import { draw, inPanels, onTheme } from "../parts/plot.js";
import { diagnosticsFigure, excessFigure, spectrumFigure } from "../parts/run_figures.js";
import { showVerdict, showWord } from "../parts/verdict.js";
import { untilAnswered } from "../parts/waiting.js";

const head = within(document, "[data-run]");
const run = head.dataset.run ?? "";
const base = `/api/runs/${encodeURIComponent(run)}`;

/**
 * Fill a chart's card, where the page has it: ask, draw, draw again on another theme; say what is
 * wrong where it is.
 * @template T
 * @param {string} name of the card and of what the hub is asked for
 * @param {(card: HTMLElement, value: T) => Promise<void>} show
 */
async function chart(name, show) {
  const card = document.getElementById(name);
  if (!card) return;
  card.setAttribute("aria-busy", "true");
  try {
    /** @type {T} */
    const value = await untilAnswered(() => getSlowly(`${base}/${name}`));
    const redraw = () => show(card, value);
    await redraw();
    onTheme(redraw);
  } catch (error) {
    areaOf(card).hidden = true;
    sayEmpty(card, messageOf(error));
  }
  card.removeAttribute("aria-busy");
}

/** @type {Record<NonNullable<RunSpectrum["degenerate"]>, string>} */
const WHY = {
  no_contrast: "The density has no contrast: there is no spectrum to speak of.",
  too_few_shells: "The grid has too few shells for a spectrum.",
};

/**
 * @param {Target} target
 * @param {SpectrumMatch} [match]
 */
function matchRow(target, match) {
  /** @param {number | null} value */
  const cell = (value) => make("td", { className: "num mono", children: [numberElement(value)] });
  return make("tr", {
    children: [
      make("td", { className: "mono", text: target.prime ? `p = ${target.prime}` : "decoy" }), cell(target.k),
      make("td", { className: "minor", text: target.resolved ? "yes" : "no" }),
      cell(match?.k ?? null), cell(match?.excess ?? null), cell(match?.cost ?? CONSTANTS.unmatched_cost),
    ],
  });
}

/**
 * Show the scored quantity, and below it the spectrum that it comes from.
 * @param {HTMLElement} card
 * @param {RunSpectrum} spectrum
 */
async function showSpectrum(card, spectrum) {
  byId("matches-wrap").hidden = false;
  const matches = new Map(spectrum.matches.map((match) => [match.target, match]));
  byId("matches", HTMLTableElement).tBodies[0].replaceChildren(
    ...spectrum.targets.map((target) => matchRow(target, matches.get(target.k))),
  );
  const area = areaOf(card);
  area.hidden = Boolean(spectrum.degenerate);
  sayEmpty(card, spectrum.degenerate && WHY[spectrum.degenerate]);
  const excess = byId("excess");
  excess.hidden = Boolean(spectrum.degenerate);
  if (spectrum.degenerate) return;
  for (const [place, figure] of /** @type {const} */ ([
    [excess, excessFigure(spectrum)], [card, spectrumFigure(spectrum)],
  ])) {
    await draw(areaOf(place), figure);
    offerTable(tableOf(place), figure);
  }
}

/** @param {number} value */
const brief = (value) => String(Number(value.toPrecision(6)));

/**
 * A failed run has fields of the last time at which they were finite, which may be its start.
 * @param {RunDiagnostics} diagnostics
 */
function showTime({ last_good_time: last, end_time: end }) {
  if (!head.hasAttribute("data-failed")) return;
  setText(byId("fields-time"), last > 0
    ? `at t = ${brief(last)} of ${brief(end)}, the last time at which they were finite`
    : "the initial condition at t = 0: the run failed before its first frame");
}

/**
 * @param {HTMLElement} card
 * @param {RunDiagnostics} diagnostics
 */
async function showDiagnostics(card, diagnostics) {
  showTime(diagnostics);
  const figure = diagnosticsFigure(diagnostics);
  if (figure.data.length === 0) {
    throw new Error(`The run ended at t = ${brief(diagnostics.last_good_time)} of ${brief(diagnostics.end_time)}, before a second frame: there is no course to draw.`);
  }
  const { t, frames } = diagnostics;
  sayDrawn(card, t.length < frames ? `${t.length} of ${frames} frames drawn` : "");
  const area = areaOf(card);
  await draw(area, inPanels(area, figure, figure.data.length));
  offerTable(tableOf(card), figure);
}

/** Show the verdict, anew when a confirmation has ended. */
async function showJudgement() {
  /** @type {RunDetails} */
  const { verdict } = await untilAnswered(() => get(base));
  if (!verdict) return;
  showVerdict(verdict);
  showWord(byId("run-verdict"), verdict);
}

function setUpNote() {
  const text = byId("run-note-text", HTMLInputElement);
  const hidden = byId("run-note-hidden", HTMLInputElement);
  const state = byId("run-note-state");
  byId("run-note").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await saveNote(run, { note: text.value.trim(), hidden: hidden.checked });
      setText(state, "Saved");
    } catch (error) {
      writeTrouble(state, error);
    }
  });
  byId("run-note").addEventListener("input", () => setText(state, ""));
}

function setUpLog() {
  const log = byId("log", HTMLDetailsElement);
  log.addEventListener("toggle", async () => {
    if (!log.open) return;
    /** @type {Pick<RunLog, "lines" | "total">} */
    const { lines, total } = await untilAnswered(() => get(`${base}/log`)).catch(
      (error) => ({ lines: [messageOf(error)], total: 1 }),
    );
    const left = total > lines.length ? [`(${total - lines.length} earlier lines are in the log file)`] : [];
    setText(within(log, "pre"), [...left, ...lines].join("\n") || "The log says nothing of this run any more.");
  });
}

setUpNote();
setUpLog();
const copy = byId("copy-command", HTMLButtonElement);
copy.addEventListener("click", () => copyText(copy, byId("command")));
setUpPictures(() => run);
chart("spectrum", showSpectrum);
chart("diagnostics", showDiagnostics);
if (document.getElementById("verdict-words")) { // a run with metrics
  setUpConfirmation(() => { showJudgement(); });
  showJudgement().catch(() => {}); // the page came with the word; only what it rests on is missing
  showConfirmation(run);
}
