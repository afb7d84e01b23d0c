// Figures of single runs, made here of the numbers that the hub sends.

import { narrow } from "./plot.js";

const HOVER = "k %{x:.4f}<br>power %{y:.4g}<extra>%{fullData.name}</extra>";
const shells = (count) => (count === 1 ? "1 target" : `${count} targets`);

/** The end of the k axis: half as far again as the last target, inside the band. */
const endOf = (spectra) => {
  const last = Math.max(...spectra[0].targets.map(({ k }) => k));
  return Math.min(1.5 * last, Math.max(...spectra.flatMap(({ k }) => k)));
};

const TOP = 46; // pixels above the plot, for the names of the targets
const AXIS = 52; // below it, for the axis
const ENTRY = 20; // for each row of the legend

/** A legend below the axis; where there is little width its entries stand under one another. */
function below(entries) {
  const rows = narrow() ? entries : 1;
  const bottom = AXIS + ENTRY * rows;
  const plot = (narrow() ? 320 : 430) - TOP - bottom; // what the stylesheet leaves of .chart.tall
  return {
    margin: { t: TOP, b: bottom, r: 26 },
    legend: { orientation: narrow() ? "v" : "h", x: 0, y: -AXIS / plot, yanchor: "top" },
  };
}

function layoutOf(spectra, entries) {
  const end = endOf(spectra);
  const targets = spectra[0].targets.filter(({ k }) => k < end);
  return {
    xaxis: { title: { text: "k (radians per unit length)" }, range: [0, end] },
    yaxis: { title: { text: "shell power of δ" }, type: "log" },
    shapes: targets.map(({ k }) => ({
      type: "line", name: "target", xref: "x", yref: "paper", x0: k, x1: k, y0: 0, y1: 1, layer: "below",
    })),
    annotations: targets.map(({ k, prime, resolved }) => ({
      text: resolved ? `ln ${prime}` : `(ln ${prime})`, name: "target", x: k, y: 1, yref: "paper",
      yanchor: "bottom", textangle: -60, xanchor: "left", showarrow: false, font: { size: 10.5 },
    })),
    ...below(entries),
  };
}

/** ln P between the shells, so that a mark sits on the drawn line. */
function powerAt({ k, power }, place) {
  const after = Math.max(1, k.findIndex((value) => value >= place));
  const share = (place - k[after - 1]) / (k[after] - k[after - 1]);
  return Math.exp((1 - share) * Math.log(power[after - 1]) + share * Math.log(power[after]));
}

function marks(spectrum, name, role, peaks) {
  return {
    type: "scatter", mode: "markers", name, meta: { role },
    x: peaks.map(({ k }) => k), y: peaks.map(({ k }) => powerAt(spectrum, k)),
    hovertext: peaks.map((peak) => `k ${peak.k.toFixed(4)}, ${peak.excess.toFixed(1)} σ above the background`),
    hovertemplate: "%{hovertext}<extra>%{fullData.name}</extra>",
  };
}

const line = (name, meta, x, y) => ({ type: "scatter", mode: "lines", name, meta, x, y, hovertemplate: HOVER });

export function spectrumFigure(spectrum) {
  const matched = new Set(spectrum.matches.map(({ k }) => k));
  const free = spectrum.candidates.filter(({ k }) => !matched.has(k));
  return {
    data: [
      line("power", { role: "plain" }, spectrum.k, spectrum.power),
      line("background", { role: "guide" }, spectrum.k, spectrum.background),
      marks(spectrum, "candidate", "ring", free),
      marks(spectrum, `matched to ${shells(spectrum.matches.length)}`, "matched", spectrum.matches),
    ],
    layout: layoutOf([spectrum], 4),
  };
}

export function spectraFigure(spectra) {
  return {
    data: spectra.map((spectrum) => line(
      spectrum.job_uuid.slice(0, 8), { role: "series", series: spectrum.series }, spectrum.k, spectrum.power,
    )),
    layout: layoutOf(spectra, spectra.length),
  };
}

const isCourse = ([, values]) => values.filter((value) => value !== null).length > 1;

/** A panel for each diagnostic that has a course over time, its name above it. */
export function diagnosticsFigure({ t, series }) {
  const layout = { annotations: [], margin: { t: 26 } };
  const data = Object.entries(series).filter(isCourse).map(([name, values], n) => {
    const number = n ? String(n + 1) : "";
    layout[`xaxis${number}`] = { title: { text: "t" } };
    layout[`yaxis${number}`] = {};
    layout.annotations.push({
      text: name, showarrow: false, xref: `x${number} domain`, yref: `y${number} domain`, x: 0, y: 1.02,
      xanchor: "left", yanchor: "bottom",
    });
    return {
      type: "scatter", mode: "lines", name, meta: { role: "curve" }, x: t, y: values, showlegend: false,
      xaxis: `x${number}`, yaxis: `y${number}`, hovertemplate: `t %{x:.3f}<br>${name} %{y:.6g}<extra></extra>`,
    };
  });
  return { data, layout };
}
