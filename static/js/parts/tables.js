// The table that stands for a chart: the same numbers for those who do not see it.

/** @import { Drawing, Layout, Trace, Value } from "./figures.d.ts" */

import { at } from "./address.js";
import { make, number, shortId, within } from "./dom.js";

/**
 * @typedef {{
 *   series: string, run?: string, x: string, y: string, xValue: Value, yValue: Value, text?: string,
 *   value?: Value, low?: number, high?: number,
 * }} Row a point of a figure
 */

const MOST_ROWS = 200;

/**
 * The name of an axis in a layout, from its id in a trace: xaxis2 from x2.
 * @template {"x" | "y"} L
 * @param {L} letter
 * @param {string} [id]
 * @returns {`${L}axis${string}`}
 */
const axisName = (letter, id = letter) => `${letter}axis${id.slice(1)}`;

/**
 * @param {Layout} layout
 * @param {`${"x" | "y"}axis${string}`} axis
 * @param {string} [other]
 */
const titleOf = (layout, axis, other) => layout[axis]?.title?.text || other || "value";

/** @param {Value} value */
const cell = (value) => (typeof value === "number" ? number(value) : String(value));

/**
 * The place of a point along y; a tile of a map begins at a height of its own.
 * @param {Trace} trace
 * @param {number} n
 */
const heightOf = ({ y, base: foot }, n) => (foot ? foot[n] + Number(y[n]) / 2 : y[n]);

/**
 * The points that a figure draws.
 * @param {Drawing} figure
 * @returns {Row[]}
 */
export function rowsOf({ data, layout }) {
  const runs = layout.meta?.runs;
  /** @type {Row[]} */
  const rows = [];
  for (const trace of data) {
    const x = titleOf(layout, axisName("x", trace.xaxis));
    const y = titleOf(layout, axisName("y", trace.yaxis), trace.name);
    trace.x.forEach((value, n) => {
      if (value === null || trace.y[n] === null) return;
      rows.push({
        series: trace.name, run: runs?.[trace.customdata?.[n] ?? -1], x, y, xValue: value, yValue: heightOf(trace, n),
        text: trace.hovertext?.[n], value: trace.meta && "z" in trace.meta ? trace.meta.z[n] : undefined,
        ...intervalOf(trace, n),
      });
    });
  }
  return rows;
}

/**
 * The ends of a point's interval, where it has one.
 * @param {Trace} trace
 * @param {number} n
 */
function intervalOf({ y, error_y: error }, n) {
  if (!error) return {};
  return { low: Number(y[n]) - error.arrayminus[n], high: Number(y[n]) + error.array[n] };
}

/** @param {Row} row */
function rowOf(row) {
  const link = row.run
    ? make("a", { href: at(`/runs/${row.run}`), text: shortId(row.run), className: "mono" }) : "";
  const say = row.text && row.value === undefined
    ? [row.text]
    : [`${row.x}: ${cell(row.xValue)}`, `${row.y}: ${cell(row.yValue)}`, ...(row.value === undefined ? [] : [cell(row.value)])];
  return make("tr", {
    children: [
      make("td", { text: row.series }), make("td", { children: [link] }),
      make("td", { text: say.join(", ") }),
    ],
  });
}

/**
 * Fill a `details` element with the rows of a figure, at most 200 of them.
 * @param {HTMLDetailsElement} details
 * @param {Drawing} figure
 */
export function fillTable(details, figure) {
  const rows = rowsOf(figure);
  const head = make("tr", {
    children: ["Series", "Run", "Values"].map((text) => make("th", { text, scope: "col" })),
  });
  const table = make("table", {
    children: [
      make("caption", { className: "note", text: rows.length > MOST_ROWS
        ? `The first ${MOST_ROWS} of ${rows.length} points`
        : `${rows.length} points` }),
      make("thead", { children: [head] }),
      make("tbody", { children: rows.slice(0, MOST_ROWS).map(rowOf) }),
    ],
  });
  within(details, ".chart-rows").replaceChildren(table);
}
