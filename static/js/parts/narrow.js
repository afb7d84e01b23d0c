// What the table of runs is narrowed to: ranges of numbers and a lasso, as chips in words; and the
// runs that are left, to be compared. The hub filters all runs, not only those that are drawn.

/** @import { RunsPage } from "./answers.d.ts" */

import { get } from "./api.js";
import { metaOf } from "./chart_state.js";
import { CONSTANTS, runNumbers } from "./constants.js";
import { byId, make, setText, showMessage, within } from "./dom.js";
import { showTrouble } from "./offline.js";
import { compare, turnTo } from "./runs.js";
import { listed, tableQuery, urlState } from "./url_state.js";

/** @typedef {{ name: string, low: string, high: string }} Range an empty end is open; with two, any value */

const SCORED = "fitness"; // has a value where a run has a score
/** @type {Map<string, string>} */
const WORDS = new Map([["log_prime_sse", "SSE"], ["sdg_h_norm_l2", "H-norm"], ["constraint_violation", "constraint violation"]]);
const chips = byId("brushes");
let total = Number(byId("runs-count").textContent); // runs in the table, which may be there before

export const ranges = () => listed("ranges").map((part) => {
  const [name, low, high] = part.split(":");
  return { name, low, high };
});

/**
 * Narrow the table to other ranges.
 * @param {string[]} removed names of numbers whose ranges go
 * @param {Range[]} [added] in the place of others of the same number
 * @param {string} [lasso]
 */
export async function narrow(removed, added = [], lasso = urlState().lasso) {
  const gone = [...removed, ...added.map(({ name }) => name)];
  const all = [...ranges().filter(({ name }) => !gone.includes(name)), ...added];
  const wanted = all.map(({ name, low, high }) => `${name}:${low}:${high}`).join();
  if (wanted === urlState().ranges && lasso === urlState().lasso) return;
  const shown = turnTo({ ranges: wanted, lasso });
  showChips();
  await shown; // what is asked for first
  redraw();
}

const clear = () => narrow(ranges().map(({ name }) => name), [], "");

/** Let the charts follow. */
const redraw = () => document.dispatchEvent(new Event("brushed"));

/** @param {Range} range */
function inWords({ name, low, high }) {
  if (name === SCORED && !(low + high)) return "with a score";
  const word = WORDS.get(name) ?? name;
  if (!(low + high)) return `with a ${word}`;
  if (low && high) return `${word} ${low} to ${high}`;
  return low ? `${word} at least ${low}` : `${word} at most ${high}`;
}

/**
 * @param {string} text
 * @param {() => void} remove
 */
function chip(text, remove) {
  const button = make("button", { type: "button", className: "link", text: "×" });
  button.setAttribute("aria-label", `Remove: ${text}`);
  button.addEventListener("click", () => andStay(remove));
  return make("span", { className: "badge chip", children: [text, " ", button] });
}

/**
 * Take something back, and leave the focus near it.
 * @param {() => void} take
 */
function andStay(take) {
  take();
  (chips.hidden ? within(byId("narrow"), "summary") : clearButton).focus();
}

const clearButton = make("button", { type: "button", className: "quiet", text: "Clear" });
const compareButton = make("button", { type: "button", className: "quiet" });
const ofAll = make("span", { className: "note" });

function showChips() {
  const { lasso } = urlState();
  const shown = ranges();
  chips.hidden = shown.length === 0 && !lasso;
  chips.replaceChildren(
    ...shown.map((range) => chip(inWords(range), () => narrow([range.name]))),
    ...(lasso ? [chip("inside the lasso in the front", () => narrow([], [], ""))] : []),
    clearButton, compareButton, ofAll,
  );
  showTotal();
}

/** Show what the address narrows the table to, after the browser's Back or Forward. */
export function showNarrowing() {
  showChips();
  redraw();
}

/** Say how many runs are left, and whether the charts leave some out. */
export function showTotal() {
  const most = CONSTANTS.most_compared;
  compareButton.disabled = total < 2;
  setText(compareButton, total > most ? `Compare the first ${most} of ${total}` : `Compare these ${total}`);
  const thinned = metaOf("pareto")?.thinned ?? metaOf("parallel")?.thinned;
  showMessage(ofAll, thinned && `All runs are filtered; the charts leave some out (${thinned}).`);
}

/** Compare the first runs of the narrowed table, in its order. */
async function compareThese() {
  const query = tableQuery();
  query.set("page", "1");
  query.set("per_page", String(CONSTANTS.most_compared));
  try {
    /** @type {RunsPage} */
    const { runs } = await get(`/api/runs?${query}`);
    compare(runs.map((run) => run.job_uuid));
  } catch (error) {
    showTrouble(ofAll, error);
  }
}

/**
 * The same as brushing, by keyboard: a range of any number.
 * @param {HTMLElement} part
 */
export function offerRanges(part) {
  const number = make("select", { children: runNumbers().map((name) => make("option", { value: name, text: name })) });
  const [low, high] = ["from", "to"].map(() => make("input", { type: "text", inputMode: "decimal", autocomplete: "off" }));
  const error = make("p", { className: "field-error", hidden: true });
  error.setAttribute("role", "alert");
  const form = make("form", {
    className: "filters",
    children: [
      make("label", { children: ["Number ", number] }), make("label", { children: ["from ", low] }),
      make("label", { children: ["to ", high] }), make("button", { type: "submit", className: "quiet", text: "Narrow" }),
    ],
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const ends = [low, high].map((input) => input.value.trim());
    const sound = ends.every((end) => Number.isFinite(Number(end))) && ends.some(Boolean)
      && (ends.some((end) => !end) || Number(ends[0]) <= Number(ends[1]));
    showMessage(error, sound ? "" : "from and to: one or two numbers, the smaller one first.");
    if (sound) narrow([], [{ name: number.value, low: ends[0], high: ends[1] }]);
  });
  part.append(form, error);
}

clearButton.addEventListener("click", () => andStay(clear));
compareButton.addEventListener("click", compareThese);
document.addEventListener("runsshown", (event) => {
  total = event instanceof CustomEvent ? event.detail : 0;
  showTotal();
});
showChips();
