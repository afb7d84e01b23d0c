// The charts of a hunt: each is asked for when it comes into view and when the hunt has changed.
// They are drawn one after another, with room for a click or a key between them.

import { getSlowly } from "./api.js";
import { byId, showMessage } from "./dom.js";
import { draw, gridOf, loadPlotly, onTheme, openRun } from "./plot.js";
import { fillTable } from "./tables.js";

const AGAIN_MS = 5_000; // until a figure that did not come is asked for again

const charts = new Map(); // figure element -> what is known of its chart
let hunt = "current";
let drawing = Promise.resolve();

const isEmpty = ({ data }) => data.every((trace) => trace.x.length === 0);

/** A figure of many panels fills the width that there is. */
function laidOut(place, figure) {
  const { panels } = figure.layout.meta;
  if (!panels) return figure;
  const { grid } = gridOf(panels);
  place.style.setProperty("--rows", grid.rows);
  return { ...figure, layout: { ...figure.layout, grid } };
}

function address(chart) {
  const query = new URLSearchParams({ hunt });
  if (chart.name === "slice") query.set("objective", byId("slice-objective").value);
  return `/api/figures/${chart.name}?${query}`;
}

async function show(chart) {
  const { element, figure } = chart;
  const empty = isEmpty(figure);
  const { empty: why, thinned, without_score: left } = figure.layout.meta;
  showMessage(byId("analysis-note"), left);
  showMessage(element.querySelector(".chart-empty"), empty ? why : "");
  showMessage(element.querySelector(".chart-note"), thinned);
  element.querySelector(".chart-table").hidden = empty;
  const place = element.querySelector(".chart");
  place.hidden = empty;
  if (empty) return;
  await draw(place, laidOut(place, figure), openRun);
  const table = element.querySelector(".chart-table");
  if (table.open) fillTable(table, figure);
}

/** Draw when those before are drawn and whatever waited meanwhile has had its turn. */
function showInTurn(chart) {
  const mine = drawing.then(() => show(chart));
  drawing = mine.catch(() => {}).then(() => new Promise((resolve) => setTimeout(resolve)));
  return mine;
}

/** Ask for the figure if it is in view and out of date. */
async function refresh(chart) {
  if (!chart.visible || !chart.stale || chart.asking) return;
  chart.asking = true;
  chart.stale = false;
  try {
    chart.figure = await getSlowly(address(chart));
    await showInTurn(chart);
    chart.element.removeAttribute("aria-busy");
  } catch {
    chart.stale = true; // the status line says when the hub is gone
    setTimeout(() => refresh(chart), AGAIN_MS);
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

/** Show another hunt: `current`, `all` or an id. */
export function chooseHunt(choice) {
  hunt = choice;
  for (const { element } of charts.values()) element.setAttribute("aria-busy", "true");
  refreshCharts();
}

export function setUpCharts() {
  loadPlotly().catch(() => {}); // while the first answers are on their way; who draws tries again
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const chart = charts.get(entry.target);
      chart.visible = entry.isIntersecting;
      refresh(chart);
    }
  }, { rootMargin: "100px" });
  for (const element of document.querySelectorAll("[data-figure]")) {
    const chart = { element, name: element.dataset.figure, stale: false }; // the first status asks
    charts.set(element, chart);
    element.setAttribute("aria-busy", "true");
    const table = element.querySelector(".chart-table");
    table.addEventListener("toggle", () => { if (table.open && chart.figure) fillTable(table, chart.figure); });
    watcher.observe(element);
  }
  byId("slice-objective").addEventListener("change", () => {
    const chart = [...charts.values()].find(({ name }) => name === "slice");
    chart.stale = true;
    refresh(chart);
  });
  onTheme(() => charts.forEach((chart) => { if (chart.figure) showInTurn(chart); }));
}
