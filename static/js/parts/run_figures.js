// Figures of single runs, made here of the numbers that the hub sends.

/** @import { RunDiagnostics, RunSpectrum, Target } from "./answers.d.ts" */
/** @import { Annotation, Drawing, Layout, Role, Trace, Value } from "./figures.d.ts" */

import { CONSTANTS } from "./constants.js";
import { shortId } from "./dom.js";
import { narrow } from "./plot.js";

/** @typedef {Pick<RunSpectrum, "k" | "power" | "targets">} Shown what every figure of spectra shows */
/** @typedef {{ k: number, excess: number }} Peak */

const HOVER = "k %{x:.4f}<br>power %{y:.4g}<extra>%{fullData.name}</extra>";

/** @param {number} count */
const targets = (count) => (count === 1 ? "1 target" : `${count} targets`);

/**
 * The end of the k axis: half as far again as the last target, inside the band.
 * @param {Shown[]} spectra
 */
const endOf = (spectra) => {
  const last = Math.max(...spectra[0].targets.map(({ k }) => k));
  return Math.min(1.5 * last, Math.max(...spectra.flatMap(({ k }) => k)));
};

const TOP = 62; // pixels above the plot, for two rows of names of the targets
const ROW = 27;
const AXIS = 52; // below it, for the axis
const ENTRY = 20; // for each row of the legend

/**
 * A legend below the axis; where there is little width its entries stand under one another.
 * @param {number} entries
 */
function below(entries) {
  const rows = narrow() ? entries : 1;
  const bottom = AXIS + ENTRY * rows;
  const plot = (narrow() ? 320 : 430) - TOP - bottom; // what the stylesheet leaves of .chart.tall
  return {
    margin: { t: TOP, b: bottom, r: 26 },
    legend: { orientation: narrow() ? "v" : "h", x: 0, y: -AXIS / plot, yanchor: "top" },
  };
}

/** @param {Target} target */
const nameOf = ({ prime }) => (prime ? `ln ${prime}` : "decoy");

/**
 * @param {Shown[]} spectra
 * @param {number} entries of the legend
 * @param {Layout["yaxis"]} yaxis
 * @returns {Layout}
 */
function layoutOf(spectra, entries, yaxis = { title: { text: "shell power of δ" }, type: "log" }) {
  const end = endOf(spectra);
  const shown = spectra[0].targets.filter(({ k }) => k < end);
  return {
    xaxis: { title: { text: "k (radians per unit length)" }, range: [0, end] },
    yaxis,
    shapes: shown.map(({ k }) => ({
      type: "line", name: "target", xref: "x", yref: "paper", x0: k, x1: k, y0: 0, y1: 1, layer: "below",
    })),
    annotations: shown.map((target, n) => ({
      text: target.resolved ? nameOf(target) : `(${nameOf(target)})`, name: "target", x: target.k, y: 1, yref: "paper",
      yanchor: "bottom", textangle: -90, xanchor: "center", yshift: n % 2 ? ROW : 0, showarrow: false, font: { size: 10.5 },
    })),
    ...below(entries),
  };
}

/**
 * ln P between the shells, so that a mark sits on the drawn line.
 * @param {Shown} spectrum
 * @param {number} at
 */
function powerAt({ k, power }, at) {
  const after = Math.max(1, k.findIndex((value) => value >= at));
  const share = (at - k[after - 1]) / (k[after] - k[after - 1]);
  return Math.exp((1 - share) * Math.log(power[after - 1]) + share * Math.log(power[after]));
}

/**
 * @param {Shown} spectrum
 * @param {string} name
 * @param {Role} role
 * @param {Peak[]} peaks
 * @returns {Trace}
 */
function marks(spectrum, name, role, peaks) {
  return {
    type: "scatter", mode: "markers", name, meta: { role },
    x: peaks.map(({ k }) => k), y: peaks.map(({ k }) => powerAt(spectrum, k)),
    hovertext: peaks.map((peak) => `k ${peak.k.toFixed(4)}, ${peak.excess.toFixed(1)} σ above the background`),
    hovertemplate: "%{hovertext}<extra>%{fullData.name}</extra>",
  };
}

/**
 * @param {string} name
 * @param {Trace["meta"]} meta
 * @param {number[]} x
 * @param {Value[]} y
 * @returns {Trace}
 */
const line = (name, meta, x, y) => ({ type: "scatter", mode: "lines", name, meta, x, y, hovertemplate: HOVER });

/**
 * @param {RunSpectrum} spectrum
 * @returns {Drawing}
 */
export function spectrumFigure(spectrum) {
  const matched = new Set(spectrum.matches.map(({ k }) => k));
  const free = spectrum.candidates.filter(({ k }) => !matched.has(k));
  return {
    data: [
      line("power", { role: "plain" }, spectrum.k, spectrum.power),
      line("background", { role: "guide" }, spectrum.k, spectrum.background),
      marks(spectrum, "candidate", "ring", free),
      marks(spectrum, `matched to ${targets(spectrum.matches.length)}`, "matched", spectrum.matches),
    ],
    layout: layoutOf([spectrum], 4),
  };
}

/**
 * The scored quantity: how far each shell stands above the background, in standard deviations.
 * @param {RunSpectrum} spectrum
 * @returns {Drawing}
 */
export function excessFigure(spectrum) {
  const { k, excess, matches, candidates } = spectrum;
  const matched = new Set(matches.map((match) => match.k));
  const level = CONSTANTS.confident_excess;
  const layout = layoutOf([spectrum], 3, { title: { text: "excess over the background (σ)" } });
  /** @type {(name: string, role: Role, peaks: Peak[]) => Trace} */
  const peaks = (name, role, found) => ({
    ...marks(spectrum, name, role, found), y: found.map((peak) => peak.excess),
  });
  layout.shapes?.push({ type: "line", name: "level", xref: "paper", x0: 0, x1: 1, yref: "y", y0: level, y1: level });
  layout.annotations?.push({
    text: `${level} σ`, name: "level", xref: "paper", x: 1, xanchor: "left", y: level, yref: "y", showarrow: false, xshift: 2,
  });
  return {
    data: [
      { ...line("excess", { role: "plain" }, k, excess), hovertemplate: "k %{x:.4f}<br>%{y:.2f} σ<extra>%{fullData.name}</extra>" },
      peaks("candidate", "ring", candidates.filter((peak) => !matched.has(peak.k))),
      peaks(`matched to ${targets(matches.length)}`, "matched", matches),
    ],
    layout,
  };
}

/**
 * @param {{ spectrum: RunSpectrum, series: number }[]} compared each with its number in the comparison
 * @returns {Drawing}
 */
export function spectraFigure(compared) {
  return {
    data: compared.map(({ spectrum, series }) => line(
      shortId(spectrum.job_uuid), { role: "series", series }, spectrum.k, spectrum.power,
    )),
    layout: layoutOf(compared.map(({ spectrum }) => spectrum), compared.length),
  };
}

/** @param {[string, Value[]]} named */
const isCourse = ([, values]) => values.filter((value) => value !== null).length > 1;

/**
 * A panel for each diagnostic that has a course over time, its name above it.
 * @param {RunDiagnostics} diagnostics
 * @returns {Drawing}
 */
export function diagnosticsFigure({ t, series }) {
  /** @type {Annotation[]} */
  const annotations = [];
  /** @type {Layout} */
  const layout = { annotations, margin: { t: 26 } };
  const data = Object.entries(series).filter(isCourse).map(([name, values], n) => {
    const number = n ? String(n + 1) : "";
    layout[`xaxis${number}`] = { title: { text: "t" } };
    layout[`yaxis${number}`] = {};
    annotations.push({
      text: name, showarrow: false, xref: `x${number} domain`, yref: `y${number} domain`, x: 0, y: 1.02,
      xanchor: "left", yanchor: "bottom",
    });
    /** @type {Trace} */
    const trace = {
      type: "scatter", mode: "lines", name, meta: { role: "curve" }, x: t, y: values, showlegend: false,
      xaxis: `x${number}`, yaxis: `y${number}`, hovertemplate: `t %{x:.3f}<br>${name} %{y:.6g}<extra></extra>`,
    };
    return trace;
  });
  return { data, layout };
}
