// The charts of a hunt: each is asked for when it comes into view and when the hunt has changed.
// They are drawn one after another, with room for a click or a key between them.

/** @import { Drawing } from "./figures.d.ts" */

import { getSlowly, statusOf } from "./api.js";
import { areaOf, offerTable, sayDrawn, sayEmpty, tableOf } from "./chart_card.js";
import { adjusted, follow, forgetZoom } from "./chart_state.js";
import { allWithin, byId, make, showMessage } from "./dom.js";
import { draw, inPanels, loadPlotly, onTheme, openRun } from "./plot.js";
import { urlState } from "./url_state.js";

/**
 * @typedef {{
 *   element: HTMLElement, name: string, stale: boolean, visible?: boolean, asking?: boolean,
 *   figure?: Drawing, again?: number,
 * }} Chart `figure`: of what is chosen; `again`: the timer of the next try
 */

const SCORED = ["pareto", "history", "parallel"]; // always with a band of what chance gives
const AGAIN_MS = 5_000; // until a figure that did not come is asked for again

/** @type {Map<Element, Chart>} */
const charts = new Map(); // by figure element
/** @type {Promise<unknown>} */
let drawing = Promise.resolve();

/** @param {Drawing} figure */
const isEmpty = ({ data }) => data.every((trace) => trace.x.length === 0);

/**
 * What a person can choose of a chart: the objective, the axes of a map.
 * @param {Chart} chart
 */
const choicesOf = ({ element }) => allWithin(element, "select[name]", HTMLSelectElement);

/** @param {Chart} chart */
const axesOf = (chart) => choicesOf(chart).filter(({ name }) => name === "x" || name === "y");

/**
 * Offer the parameters that a map's axes may be, those that it has chosen. With none chosen, the hub
 * chooses when there is something to draw.
 * @param {Chart} chart
 */
function offerAxes(chart) {
  const { parameters = [], chosen = [] } = chart.figure?.layout.meta ?? {};
  axesOf(chart).forEach((select, n) => {
    const known = [...select.options].map(({ value }) => value);
    if (known.join() !== parameters.join()) {
      if (select.value && !parameters.includes(select.value)) chooseAnew(chart); // it was asked for, and is not searched
      select.replaceChildren(...parameters.map((name) => make("option", { text: name })));
      select.selectedIndex = -1;
    }
    if (chosen[n]) select.value = chosen[n];
  });
}

/**
 * What was drawn is no longer what is chosen.
 * @param {Chart} chart
 */
function chooseAnew(chart) {
  chart.stale = true;
  delete chart.figure;
}

/** @param {Chart} chart */
function address(chart) {
  const query = new URLSearchParams({ hunt: urlState().hunt });
  for (const choice of choicesOf(chart)) if (choice.value) query.set(choice.name, choice.value);
  return `/api/figures/${chart.name}?${query}`;
}

/** @param {Chart} chart */
async function show(chart) {
  const { element, name, figure } = chart;
  if (!figure) return;
  const empty = isEmpty(figure);
  const { panels, empty: why, thinned, note, chance, without_score: left } = figure.layout.meta ?? {};
  showMessage(byId("analysis-note"), left);
  if (SCORED.includes(chart.name)) showMessage(byId("chance-note"), empty ? "" : chance);
  sayEmpty(element, empty ? why : "");
  sayDrawn(element, [thinned, note].filter(Boolean).join(". "));
  offerAxes(chart);
  const area = areaOf(element);
  area.hidden = empty;
  if (empty) tableOf(element).hidden = true;
  else offerTable(tableOf(element), figure);
  if (empty) return;
  await draw(area, await adjusted(name, panels ? inPanels(area, figure, panels) : figure), openRun);
  follow(name, area, () => redraw(chart));
}

/**
 * Draw when those before are drawn and whatever waited meanwhile has had its turn.
 * @param {Chart} chart
 */
function showInTurn(chart) {
  const mine = drawing.then(() => show(chart));
  drawing = mine.catch(() => {}).then(() => new Promise((resolve) => setTimeout(resolve)));
  return mine;
}

/**
 * Ask for a figure that did not come, or could not be drawn, a little later.
 * @param {Chart} chart
 * @param {unknown} error
 */
function refreshLater(chart, error) {
  if (statusOf(error) === null) reportError(error); // a fault of the page
  chart.stale = true; // the status line says when the hub is gone
  clearTimeout(chart.again);
  chart.again = setTimeout(() => refresh(chart), AGAIN_MS);
}

/**
 * Draw the figure that is there once more.
 * @param {Chart} chart
 */
const redraw = (chart) => showInTurn(chart).catch((error) => refreshLater(chart, error));

/**
 * Ask for the figure if it is in view and out of date.
 * @param {Chart} chart
 */
async function refresh(chart) {
  if (!chart.visible || !chart.stale || chart.asking) return;
  chart.asking = true;
  chart.stale = false;
  try {
    const asked = address(chart);
    const figure = await getSlowly(asked);
    if (asked === address(chart)) {
      chart.figure = figure;
      await showInTurn(chart);
    } else chart.stale = true; // another hunt or other axes were chosen meanwhile
    if (chart.figure === figure) chart.element.removeAttribute("aria-busy");
  } catch (error) {
    refreshLater(chart, error);
    return;
  } finally {
    chart.asking = false;
  }
  refresh(chart); // it may have changed meanwhile
}

/** Say that the hunt has changed; charts in view follow now, the others when they come into view. */
export function refreshCharts() {
  for (const chart of charts.values()) {
    chart.stale = true;
    refresh(chart);
  }
}

/** Show another hunt, the one in the address; it may search other parameters. */
export function chooseHunt() {
  for (const chart of charts.values()) {
    chooseAnew(chart);
    chart.element.setAttribute("aria-busy", "true");
    for (const axis of axesOf(chart)) axis.selectedIndex = -1;
  }
  refreshCharts();
}

/**
 * @param {HTMLElement} element
 * @param {IntersectionObserver} watcher
 */
function setUpChart(element, watcher) {
  /** @type {Chart} */
  const chart = { element, name: element.dataset.figure ?? "", stale: false }; // the first status asks
  charts.set(element, chart);
  element.setAttribute("aria-busy", "true");
  watcher.observe(element);
}

export function setUpCharts() {
  loadPlotly().catch(() => {}); // while the first answers are on their way; who draws tries again
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const chart = charts.get(entry.target);
      if (!chart) continue;
      chart.visible = entry.isIntersecting;
      refresh(chart);
    }
  }, { rootMargin: "100px" });
  for (const element of allWithin(document, "[data-figure]")) setUpChart(element, watcher);
  for (const chart of charts.values()) {
    for (const choice of choicesOf(chart)) choice.addEventListener("change", () => {
      forgetZoom(chart.name); // of other axes
      chooseAnew(chart);
      refresh(chart);
    });
  }
  onTheme(() => charts.forEach((chart) => { if (chart.figure) redraw(chart); }));
}
