// Plotly: loaded with the first figure, painted in the page's colours, every point a door to its run.

/** @import { Drawing, Layout, PlotElement, Plotly, Trace } from "./figures.d.ts" */

import { at } from "./address.js";
import { ApiError, HUB_AWAY } from "./api.js";
import { make, shortId, within } from "./dom.js";
import { useScript } from "./offline.js";

/** @typedef {Record<string, string>} Colours what colour variables of the stylesheet stand for */
/** @typedef {{ marker?: object, line?: object, shades?: [string, string] }} Paint `shades`: of the lowest and the highest value */
/** @typedef {(colours: Colours) => Paint} Look */

const PLOTLY = at("/static/vendor/plotly-basic.min.js");
/** @type {Promise<Plotly> | null} */
let loading = null;

export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = null; script.remove(); reject(new ApiError(0, HUB_AWAY)); };
    document.head.append(script);
  });
  return loading;
}

const SERIES = ["series-0", "series-1", "series-2", "series-3", "series-4", "series-5"];

/**
 * The values that colour variables of the stylesheet have in the present theme.
 * @returns {Colours}
 */
function palette() {
  const probe = make("span");
  document.body.append(probe);
  const names = ["text", "text-soft", "line", "card", "accent", "point", "good", "warn", "bad", "second",
    ...SERIES];
  const colours = Object.fromEntries(names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
  return colours;
}

export const narrow = () => matchMedia("(max-width: 520px)").matches;

/** What each role of a trace looks like. */
export const ROLES = {
  /** @type {Look} */
  points: (c) => ({ marker: { color: c.point, size: 7, opacity: 0.75 } }),
  /** @type {Look} */
  "front-points": (c) => ({ marker: { color: c.accent, size: 7, opacity: 0.8 } }),
  /** @type {Look} */
  lines: (c) => ({ marker: { color: c.point, size: 4, opacity: 0.6 }, line: { color: c.point, width: 0.8 } }),
  /** @type {Look} */
  front: (c) => ({ marker: { color: c.accent, size: 9 }, line: { color: c.accent, width: 1.6, shape: "hv" } }),
  /** @type {Look} */
  second: (c) => ({ marker: { color: c.second, size: 4 }, line: { color: c.second, width: 1.2 } }),
  /** @type {Look} */
  best: (c) => ({ marker: { color: c.accent, size: 6 }, line: { color: c.accent, width: 1.8, shape: "hv" } }),
  /** @type {Look} */
  "front-lines": (c) => ({ marker: { color: c.accent, size: 5 }, line: { color: c.accent, width: 1.8 } }),
  /** @type {Look} */
  curve: (c) => ({ line: { color: c.accent, width: 1.6 } }),
  /** @type {Look} */
  plain: (c) => ({ line: { color: c.text, width: 1.3 } }),
  /** @type {Look} */
  guide: (c) => ({ line: { color: c["text-soft"], width: 1.4, dash: "dot" } }),
  /** @type {Look} */
  ring: (c) => ({ marker: { color: "transparent", size: 11, line: { color: c.accent, width: 2 } } }),
  /** @type {Look} */
  "by-generation": (c) => ({
    marker: { size: 6, opacity: 0.85, colorscale: [[0, c.point], [1, c.accent]], showscale: false },
  }),
  /** @type {Look} */
  spots: (c) => ({ marker: { color: "transparent", size: 6, line: { color: c.text, width: 1 } } }),
  /** @type {Look} */
  heat: (c) => ({ marker: { line: { width: 0 } }, shades: [c.accent, c.card] }),
  /** @type {Look} */
  doubt: (c) => ({ marker: { line: { width: 0 } }, shades: [c.card, c.second] }),
  /** @type {Look} */
  matched: (c) => ({ marker: { color: c.accent, size: 11 } }),
};

/**
 * @param {Trace["meta"]} meta
 * @param {Colours} colours
 * @returns {Paint}
 */
function lookOf(meta, colours) {
  if (!meta) return {};
  if (meta.role === "series") return { line: { color: colours[SERIES[meta.series % SERIES.length]], width: 1.6 } };
  return ROLES[meta.role]?.(colours) ?? {};
}

/**
 * A colour for each value, between that of the lowest and that of the highest. Plotly's own scales
 * do not know bars without gaps.
 * @param {number[]} values
 * @param {[string, string]} ends
 */
function shaded(values, ends) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, to] = ends.map((colour) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number));
  return values.map((value) => {
    const share = high > low ? (value - low) / (high - low) : 0;
    return `rgb(${from.map((part, n) => Math.round(part + share * (to[n] - part))).join()})`;
  });
}

/**
 * Text as Plotly shows it: it takes tags and entities for markup.
 * @param {string} text
 */
const plain = (text) => text?.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * @param {Trace} trace
 * @param {Colours} colours
 * @returns {Trace}
 */
function paintTrace(trace, colours) {
  const look = lookOf(trace.meta, colours);
  const tiles = look.shades ? { color: shaded(trace.marker?.color ?? [], look.shades) } : {};
  return { ...trace, name: plain(trace.name), marker: { ...look.marker, ...trace.marker, ...tiles }, line: { ...look.line, ...trace.line } };
}

/**
 * @param {string} name
 * @returns {name is `xaxis${string}` | `yaxis${string}`}
 */
const isAxis = (name) => /^[xy]axis\d*$/.test(name);

/**
 * The axes of a layout, and the first two in any case.
 * @param {Layout} layout
 * @param {Colours} colours
 */
function paintAxes(layout, colours) {
  const axis = {
    gridcolor: colours.line, zeroline: false, linecolor: colours.line, exponentformat: "power",
    tickfont: { size: 12 }, automargin: true, nticks: 6,
  };
  const names = new Set(["xaxis", "yaxis", ...Object.keys(layout)]);
  return Object.fromEntries([...names].filter(isAxis).map((name) => {
    const wanted = layout[name] ?? {};
    const decades = wanted.type === "log" && wanted.range && wanted.range[1] - wanted.range[0] > 1.2;
    const title = wanted.title && { font: { size: 12.5 }, standoff: 10, ...wanted.title };
    return [name, { ...axis, ...(decades ? { dtick: 1 } : {}), ...wanted, ...(title ? { title } : {}) }];
  }));
}

/**
 * @param {Layout} layout
 * @param {Colours} colours
 */
function paintLayout(layout, colours) {
  /** @type {Record<string, string | undefined>} */
  const tone = {
    goal: colours.good, target: colours.warn, "success corner": colours.good, chance: colours.second, level: colours["text-soft"],
    brush: colours.accent,
  };
  const shapes = (layout.shapes ?? []).map((shape) => shape.type === "rect"
    ? { ...shape, fillcolor: tone[shape.legendgroup ?? shape.name], opacity: 0.16, line: { width: 0 } }
    : { ...shape, line: { color: tone[shape.name], width: 1, dash: "dash", ...shape.line } });
  const annotations = (layout.annotations ?? []).map((note) => ({
    ...note, font: { size: 11.5, color: tone[note.name ?? ""] ?? colours["text-soft"], ...note.font },
  }));
  return {
    ...layout,
    ...paintAxes(layout, colours),
    shapes,
    annotations,
    title: undefined,
    paper_bgcolor: "transparent", plot_bgcolor: "transparent",
    font: { color: colours["text-soft"], family: getComputedStyle(document.body).fontFamily, size: 13 },
    margin: { l: 8, r: 14, t: 12, b: 8, ...layout.margin },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12.5 }, ...layout.legend },
    hoverlabel: { align: "left", bgcolor: colours.card, bordercolor: colours.line, font: { color: colours.text } },
    hovermode: "closest",
    hoverdistance: 14,
  };
}

/**
 * A panel of its own for each of `count` traces, as many beside each other as the width allows.
 * @param {number} count
 */
export function gridOf(count) {
  const columns = Math.min(count, count === 2 && narrow() ? 1 : narrow() ? 2 : 4);
  return { grid: { rows: Math.ceil(count / columns), columns, pattern: "independent", xgap: 0.22, ygap: 0.42 } };
}

/**
 * The same figure in panels, and its element as high as their rows need.
 * @param {HTMLElement} element
 * @param {Drawing} figure
 * @param {number} panels
 * @returns {Drawing}
 */
export function inPanels(element, figure, panels) {
  const { grid } = gridOf(panels);
  element.style.setProperty("--rows", String(grid.rows));
  return { ...figure, layout: { ...figure.layout, grid } };
}

const NAME = "<extra>%{fullData.name}</extra>"; // Plotly puts it on white, in the trace's colour

/**
 * Put the names of trace and run first in what hovering over a point tells.
 * @param {Trace} trace
 * @param {string[]} [runs]
 * @returns {Trace}
 */
function nameRuns(trace, runs) {
  let template = trace.hovertemplate ?? `%{y}: %{x:.4g}${NAME}`;
  if (template.includes(NAME)) template = `<b>%{fullData.name}</b><br>${template.replace(NAME, "")}<extra></extra>`;
  if (!trace.customdata || !runs?.length) return { ...trace, hovertemplate: template };
  const text = trace.customdata.map((n) => (n === null ? null : `run ${shortId(runs[n])}`));
  return { ...trace, text, hovertemplate: `%{text}<br>${template}` };
}

/**
 * Let the card of a chart that was drawn offer it as a file.
 * @param {HTMLElement} element
 */
function offerSaving(element) {
  const card = element.closest(".chart-card");
  const offer = card?.querySelector(".chart-save");
  if (!card || !(offer instanceof HTMLElement)) return;
  offer.hidden = false;
  offer.addEventListener("click", ({ target }) => {
    const format = target instanceof HTMLElement && target.dataset.save;
    if (!format) return;
    useScript(within(card, ".chart-empty"), import("./saving.js"),
      ({ save }) => save(/** @type {PlotElement} */ (element), format, `irer_${offer.dataset.name}`));
  });
}

/**
 * Draw a figure into an element.
 * @param {HTMLElement} element
 * @param {Drawing} figure
 * @param {((uuid: string) => void) | null} [open] called with the uuid of a clicked point
 */
export async function draw(element, figure, open = null) {
  const plotly = await loadPlotly();
  const colours = palette();
  const runs = figure.layout.meta?.runs;
  const data = figure.data.map((trace) => paintTrace(nameRuns(trace, runs), colours));
  const first = !element.classList.contains("js-plotly-plot");
  await plotly.react(element, data, paintLayout(figure.layout, colours), {
    responsive: true, displaylogo: false, displayModeBar: false,
  });
  const plotted = /** @type {PlotElement} */ (element);
  plotted.runs = runs;
  plotted.figure = figure;
  if (first) offerSaving(element);
  if (first && open) {
    plotted.on("plotly_click", (event) => {
      const uuid = plotted.runs?.[event.points[0].customdata];
      if (uuid) open(uuid);
    });
  }
}

/**
 * Draw again whenever the theme changes.
 * @param {() => unknown} redraw
 */
export function onTheme(redraw) {
  document.addEventListener("themechange", redraw);
}

/** @param {string} uuid */
export const openRun = (uuid) => { location.href = at(`/runs/${encodeURIComponent(uuid)}`); };
