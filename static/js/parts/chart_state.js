// What a person has done to a chart, kept in the address: its zoom, and what is brushed in it.

/** @import { Drawing, Meta, PlotElement } from "./figures.d.ts" */

import { byId } from "./dom.js";
import { fromHub, useScript } from "./offline.js";
import { changeUrl, listed, urlState } from "./url_state.js";

const AFTER_MS = 500;

/** What dragging does in the charts that can be brushed. */
const DRAGGING = new Map([
  ["pareto", () => byId("pareto-drag", HTMLSelectElement).value],
  ["parallel", () => "select"],
]);

/** @type {Map<string, Meta | undefined>} */
const seen = new Map(); // by chart

/**
 * What the hub says of a figure that was drawn.
 * @param {string} name
 */
export const metaOf = (name) => seen.get(name);

/** Brushing is loaded when something is brushed. */
const brushing = () => fromHub(import("./brush.js"));
/** @type {Awaited<ReturnType<typeof brushing>> | null} */
let brush = null;

/**
 * The figure as the person left the chart.
 * @param {string} name
 * @param {Drawing} figure
 * @returns {Promise<Drawing>}
 */
export async function adjusted(name, figure) {
  const dragmode = DRAGGING.get(name)?.();
  seen.set(name, figure.layout.meta);
  /** @type {Drawing["layout"]} */
  const layout = { ...structuredClone(figure.layout), ...(dragmode && { dragmode, selections: [] }) }; // Plotly writes into it
  for (const zoom of listed("zoom")) {
    const [place, ...ends] = zoom.split(":");
    const [chart, axis] = place.split(".");
    const key = /** @type {`xaxis${string}`} */ (axis);
    if (chart === name) layout[key] = { ...layout[key], range: ends.map(Number) };
  }
  const shown = { ...figure, layout };
  if (!dragmode) return shown;
  const { ranges, lasso } = urlState();
  if (ranges + lasso) brush ??= await brushing().catch(() => null); // drawn without: narrowing tries again
  return brush ? brush.withBrush(name, shown) : shown;
}

/**
 * Note the ranges of the axes that dragging has changed; null for a zoom that was taken back.
 * @param {string} name
 * @param {Record<string, unknown> | null} change
 */
function noteZoom(name, change) {
  const found = Object.keys(change ?? {}).flatMap((key) => {
    const axis = /^([xy]axis\d*)\.range\[0\]$/.exec(key)?.[1];
    const ends = [0, 1].map((end) => Number(change?.[`${axis}.range[${end}]`]).toPrecision(5));
    return axis ? [`${name}.${axis}:${ends.join(":")}`] : [];
  });
  if (change && found.length === 0) return;
  const gone = found.map((zoom) => zoom.split(":")[0]);
  const kept = listed("zoom").filter((zoom) => (change ? !gone.includes(zoom.split(":")[0]) : !zoom.startsWith(`${name}.`)));
  changeUrl({ zoom: [...kept, ...found].join() }, false);
}

/**
 * Forget the zoom of a chart.
 * @param {string} name
 */
export const forgetZoom = (name) => noteZoom(name, null);

/**
 * Follow what is done to a chart that was drawn.
 * @param {string} name
 * @param {HTMLElement} area
 * @param {() => void} redraw
 */
export function follow(name, area, redraw) {
  if (area.dataset.followed) return;
  area.dataset.followed = "yes";
  const plotted = /** @type {PlotElement} */ (area);
  let backAt = -Infinity; // when the zoom was taken back: Plotly then sets ranges of its own
  plotted.on("plotly_doubleclick", () => {
    backAt = performance.now();
    noteZoom(name, null);
    redraw();
  });
  plotted.on("plotly_relayout", (change) => noteZoom(name, performance.now() < backAt + AFTER_MS ? null : change));
  if (!DRAGGING.has(name)) return;
  const trouble = byId(`${name}-empty`);
  plotted.on("plotly_selected", (selection) => {
    if (!selection) return;
    useScript(trouble, brushing(), ({ select }) => {
      const before = urlState();
      select(name, selection);
      if (urlState() === before) redraw(); // it narrows nothing: Plotly's own outline goes
    });
  });
  plotted.on("plotly_deselect", () => { useScript(trouble, brushing(), ({ unselect }) => unselect(name)); });
  document.addEventListener("brushed", redraw);
  if (name === "pareto") byId("pareto-drag").addEventListener("change", redraw);
}
