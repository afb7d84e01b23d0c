// A chart as a file: the picture as PNG or SVG, and the numbers that it draws as CSV.

/** @import { Drawing, PlotElement, Shape } from "./figures.d.ts" */
/** @import { Row } from "./tables.js" */

import { download } from "./dom.js";
import { rowsOf } from "./tables.js";

/** @typedef {Partial<Record<typeof COLUMNS[number], string | number | null | undefined>>} Line */

const COLUMNS = /** @type {const} */ ([
  "series", "run", "x_name", "x", "y_name", "y", "value", "low", "high", "text",
]);
const WIDTH = 1000; // of a picture, in pixels; its height is that of the chart

/** @param {Row} row @returns {Line} */
const lineOf = ({ series, run, x, y, xValue, yValue, value, low, high, text }) =>
  ({ series, run, x_name: x, x: xValue, y_name: y, y: yValue, value, low, high, text });

/**
 * The ends of what is drawn behind the points: chance, goals, targets. What spans the whole plot
 * has no number along that axis.
 * @param {Shape} shape
 * @returns {Line[]}
 */
function linesOf({ name, xref, yref, x0, x1, y0, y1 }) {
  /** @param {unknown} ref @param {unknown} value */
  const told = (ref, value) => (/paper|domain/.test(String(ref ?? "")) ? null : Number(value));
  const ends = [{ series: name, x: told(xref, x0), y: told(yref, y0) }, { series: name, x: told(xref, x1), y: told(yref, y1) }];
  return ends[0].x === ends[1].x && ends[0].y === ends[1].y ? [ends[0]] : ends;
}

/**
 * A cell; before text that a program for tables would compute, an apostrophe says that it is text.
 * @param {unknown} value
 */
const cell = (value) => {
  const plain = String(value ?? "");
  const text = /^[=+\-@\t\r]/.test(plain) && Number.isNaN(Number(plain)) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * The numbers that a figure draws, a row a point; columns without any are left out.
 * @param {Drawing} figure
 */
export function csvOf(figure) {
  const lines = [...rowsOf(figure).map(lineOf), ...(figure.layout.shapes ?? []).flatMap(linesOf)];
  const columns = COLUMNS.filter((name) => lines.some((line) => (line[name] ?? "") !== ""));
  return [columns, ...lines.map((line) => columns.map((name) => line[name]))]
    .map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/**
 * Save what an element draws.
 * @param {PlotElement} plotted
 * @param {string} format png, svg or csv
 * @param {string} name of the file, without its ending
 */
export async function save(plotted, format, name) {
  if (!plotted.figure) return;
  if (format === "csv") return download(new Blob([csvOf(plotted.figure)], { type: "text/csv" }), `${name}.csv`);
  const paper = getComputedStyle(plotted.closest(".card") ?? document.body).backgroundColor;
  const { data, layout } = plotted;
  const shown = { data, layout: { ...layout, paper_bgcolor: paper, plot_bgcolor: paper } };
  const height = Math.round((WIDTH * plotted.clientHeight) / Math.max(plotted.clientWidth, 1));
  await window.Plotly.downloadImage(shown, {
    format: format === "svg" ? "svg" : "png", filename: name, width: WIDTH, height: Math.max(height, 300),
  });
}
