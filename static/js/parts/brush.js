// Brushing: what is selected in the front, or along an axis of the parallel coordinates, narrows the
// table of runs, and is drawn there.

/** @import { Drawing, Meta, Selection, Shape, Trace } from "./figures.d.ts" */
/** @import { Range } from "./narrow.js" */

import { metaOf } from "./chart_state.js";
import { narrow, ranges, showTotal } from "./narrow.js";
import { urlState } from "./url_state.js";

/** @typedef {NonNullable<Meta["axis_ends"]>[number]} Axis */

const FRONT = ["log_prime_sse", "constraint_violation"];
const SCORED = { name: "fitness", low: "", high: "" }; // the charts draw no other runs
const LOGARITHMIC = new Set(FRONT);
const SMALLEST = 1e-12; // where a perfect 0 is drawn
const MOST_CORNERS = 60;
const HALF_WIDTH = 0.07; // of what is brushed on an axis
const FADED = 0.12; // opacity of a line that is not selected

/** The axes of the parallel coordinates. */
const axesDrawn = () => metaOf("parallel")?.axis_ends ?? [];

/** @param {number} value */
const brief = (value) => (value <= SMALLEST ? "" : String(Number(value.toPrecision(4))));

/**
 * Where a value lies between the ends of its axis, 0 to 1; an open end lies beyond.
 * @param {Axis} axis
 * @param {string} end
 * @param {number} open
 */
function shareOf([name, low, high], end, open) {
  if (!end) return open;
  const [value, from, to] = [Number(end), low, high].map((each) => (LOGARITHMIC.has(name) ? Math.log10(each) : each));
  return to > from ? (value - from) / (to - from) : 0.5;
}

/**
 * The value at a place on an axis; an end beyond the axis is open.
 * @param {Axis} axis
 * @param {number} share
 */
function valueAt([name, low, high], share) {
  if (share <= 0 || share >= 1) return "";
  if (!LOGARITHMIC.has(name)) return String(Number((low + share * (high - low)).toPrecision(4)));
  return brief(10 ** (Math.log10(low) + share * (Math.log10(high) - Math.log10(low))));
}

/**
 * What a box over the parallel coordinates selects: a range on each axis that it covers, or on the
 * nearest one.
 * @param {Selection} selection
 * @returns {Range[]}
 */
function alongAxes({ range }) {
  const axes = axesDrawn();
  if (!range || axes.length === 0) return [];
  const [left, right] = [Math.min(...range.x), Math.max(...range.x)];
  const [bottom, top] = [Math.min(...range.y), Math.max(...range.y)];
  const covered = axes.filter((_, n) => left <= n && n <= right);
  const nearest = axes[Math.min(axes.length - 1, Math.max(0, Math.round((left + right) / 2)))];
  return (covered.length ? covered : [nearest]).map((axis) => ({
    name: axis[0], low: valueAt(axis, bottom), high: valueAt(axis, top),
  }));
}

/** @param {Selection} selection */
function inParallel(selection) {
  const found = alongAxes(selection);
  const kept = found.filter(({ low, high }) => low + high);
  narrow(found.map(({ name }) => name), kept.length ? [...kept, SCORED] : []);
}

/** @param {Selection} selection */
function inFront({ range, lassoPoints }) {
  if (lassoPoints) {
    const every = Math.ceil(lassoPoints.x.length / MOST_CORNERS);
    const corners = lassoPoints.x.flatMap((x, n) => (n % every ? [] : [x, lassoPoints.y[n]]));
    narrow(FRONT, [SCORED], corners.map((each) => Math.log10(each).toFixed(3)).join());
  } else if (range) {
    const ends = [range.x, range.y].map((pair) => [Math.min(...pair), Math.max(...pair)].map(brief));
    narrow([], [...FRONT.map((name, n) => ({ name, low: ends[n][0], high: ends[n][1] })), SCORED], "");
  }
}

/** @returns {Shape[]} */
function shapesInFront() {
  const { lasso } = urlState();
  const shapes = [];
  const [x, y] = FRONT.map((name) => ranges().find((range) => range.name === name));
  if (x || y) {
    shapes.push({
      type: "rect", name: "brush", x0: x?.low || 1e-15, x1: x?.high || 1e15, y0: y?.low || 1e-15, y1: y?.high || 1e15,
    });
  }
  if (lasso) {
    const numbers = lasso.split(",").map((each) => 10 ** Number(each));
    const corners = numbers.flatMap((each, n) => (n % 2 ? [] : [`${each},${numbers[n + 1]}`]));
    shapes.push({ type: "path", name: "brush", path: `M${corners.join("L")}Z` });
  }
  return shapes;
}

/** The ranges on axes of the parallel coordinates: the axis, and the ends as places on it. */
const onAxes = (axes = axesDrawn()) => ranges().flatMap(({ name, low, high }) => {
  const n = axes.findIndex(([axis]) => axis === name);
  return n < 0 ? [] : [{ n, from: shareOf(axes[n], low, -1), to: shareOf(axes[n], high, 2) }];
});

/**
 * A trace of lines in two: those that pass everywhere, and the others, faded.
 * @param {Trace} trace
 * @returns {Trace[]}
 */
function split(trace) {
  const brushes = onAxes();
  const outside = new Set(trace.customdata?.filter((_, i) =>
    brushes.some(({ n, from, to }) => trace.x[i] === n && !(Number(trace.y[i]) >= from && Number(trace.y[i]) <= to))));
  /** @param {boolean} faded */
  const part = (faded) => trace.y.map((y, i) => (outside.has(trace.customdata?.[i] ?? null) === faded ? y : null));
  return [{ ...trace, y: part(false) }, { ...trace, y: part(true), opacity: FADED, showlegend: false }];
}

/**
 * A figure with what is brushed in it.
 * @param {string} name
 * @param {Drawing} figure
 * @returns {Drawing}
 */
export function withBrush(name, { data, layout }) {
  showTotal(); // which says what the chart leaves out
  const shapes = layout.shapes ?? [];
  if (name === "pareto") {
    return { data, layout: { ...layout, shapes: [...shapes, ...shapesInFront()] } };
  }
  const brushed = onAxes().map(({ n, from, to }) => ({
    type: "rect", name: "brush", x0: n - HALF_WIDTH, x1: n + HALF_WIDTH,
    y0: Math.max(from, -0.02), y1: Math.min(to, 1.02),
  }));
  return { data: brushed.length ? data.flatMap(split) : data, layout: { ...layout, shapes: [...shapes, ...brushed] } };
}

/**
 * Narrow the table by what is selected in a chart.
 * @param {string} name
 * @param {Selection} selection
 */
export const select = (name, selection) => (name === "pareto" ? inFront(selection) : inParallel(selection));

/**
 * Take back what was selected in a chart.
 * @param {string} name
 */
export function unselect(name) {
  const [gone, lasso] = name === "pareto" ? [FRONT, ""] : [axesDrawn().map(([axis]) => axis), urlState().lasso];
  const left = ranges().filter((range) => !gone.includes(range.name));
  const onlyScored = !lasso && left.every((range) => range.name === SCORED.name && !(range.low + range.high));
  narrow(onlyScored ? [...gone, SCORED.name] : gone, [], lasso);
}
