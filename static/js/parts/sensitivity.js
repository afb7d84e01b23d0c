// What the current hunt would have seen: found out by a component, drawn from its file. Loaded when
// somebody sees its section.

/** @import { ComponentRunState, HuntSensitivity, Sensitivity } from "./answers.d.ts" */
/** @import { Drawing } from "./figures.d.ts" */

import { POLL_MS, get, messageOf, post, statusOf } from "./api.js";
import { areaOf, offerTable, sayEmpty, tableOf } from "./chart_card.js";
import { byId, duration, make, numberElement, setText, showMessage, within } from "./dom.js";
import { showTrouble } from "./offline.js";
import { draw, onTheme } from "./plot.js";

const COMPONENT = "Sensitivity";
const card = byId("sensitivity-curve");
const EMPTY = within(card, ".chart-empty").textContent; // what the page says while there is no curve
/** @type {string | null} */
let hunt = null; // whose sensitivity is shown
/** @type {Drawing | null} */
let figure = null;
/** @type {string | null} */
let working = null; // the run of the component that is watched
let ended = () => {};

/**
 * @param {string} name
 * @param {number} value
 * @param {string} more
 */
const item = (name, value, more) => make("li", {
  children: [make("span", { className: "mono", text: `${name} ` }), numberElement(value), more],
});

/**
 * Say what a height means; none is reached where even the strongest lines are missed.
 * @param {string} name
 * @param {number | null} value
 * @param {string} told
 */
function heightItem(name, value, told) {
  return value === null
    ? make("li", { text: `${name}: at none of the heights, ${told}` })
    : item(name, value, ` times the background: ${told}`);
}

/** @param {Sensitivity} report */
function words(report) {
  const ball = report.balls.reduce((a, b) => (b.volume_share > a.volume_share ? b : a));
  const { position, as_good: good } = /** @type {Required<typeof ball.curves>} */ (ball.curves);
  const where = `${Math.round(100 * ball.volume_share)}% of the search space`;
  return [
    item("p_position", report.p_position, ` of the hunt's best, by ${report.n_decoys} decoy combs`),
    heightItem("a50", position.a50, `found in half of the trials, lines in ${where}`),
    heightItem("a95", position.a95, "found in 95%"),
    good.a95 === 0
      ? make("li", { text: "upper limit 0: the best is worse than that of 95% of decoys without any lines; chance alone does that in one hunt of twenty" })
      : heightItem("upper limit", good.a95, "stronger lines would have made a better best, in 95%"),
  ];
}

async function showCurve() {
  areaOf(card).hidden = figure === null;
  tableOf(card).hidden = figure === null;
  sayEmpty(card, figure ? "" : EMPTY);
  if (!figure) return;
  const drawn = figure;
  offerTable(tableOf(card), drawn);
  await draw(areaOf(card), drawn);
}

/** @param {HuntSensitivity} found */
async function show(found) {
  const { report, estimate_s: seconds, problem } = found;
  figure = /** @type {Drawing | null} */ (/** @type {unknown} */ (found.figure));
  byId("sensitivity-known").replaceChildren(...(report ? words(report) : []));
  byId("sensitivity-btn").hidden = seconds === null || working !== null;
  setText(byId("sensitivity-btn"), report ? "Find out again" : "Find out");
  setText(byId("sensitivity-estimate"), seconds === null ? "" : `takes about ${duration(seconds)}`);
  setText(byId("sensitivity-state"), working ? `The component ${COMPONENT} is running.` : report ? "" : problem ?? "");
  await showCurve();
}

/**
 * Ask for what there is of a hunt.
 * @param {string | null} huntId null where there is no hunt yet
 * @param {() => void} [onEnd] called when a run of the component has ended
 * @throws {import("./api.js").ApiError} when the hub does not answer
 */
export async function refreshSensitivity(huntId, onEnd = ended) {
  hunt = huntId;
  ended = onEnd;
  if (hunt === null) return showCurve();
  try {
    /** @type {HuntSensitivity} */
    const found = await get(`/api/hunts/${encodeURIComponent(hunt)}/sensitivity`);
    if (found.hunt_id === hunt) await show(found);
  } catch (error) {
    if (statusOf(error) === 0) throw error;
    showMessage(byId("sensitivity-error"), messageOf(error));
  }
}

async function watch() {
  /** @type {Pick<ComponentRunState, "state" | "message"> | null} */
  let run = null;
  try {
    run = await get(`/api/component-runs/${working}`);
  } catch (error) {
    if (statusOf(error) !== 0) run = { state: "failed", message: messageOf(error) };
  }
  if (!run || run.state === "running") {
    setTimeout(watch, POLL_MS);
    return;
  }
  const watched = working;
  working = null;
  showMessage(byId("sensitivity-error"), run.state === "done" ? "" : run.message ?? run.state);
  try {
    await refreshSensitivity(hunt);
  } catch {
    working = watched;
    setTimeout(watch, POLL_MS);
    return;
  }
  ended();
}

async function start() {
  showMessage(byId("sensitivity-error"), "");
  try {
    /** @type {ComponentRunState} */
    const run = await post(`/api/components/${COMPONENT}/run`);
    working = run.run_uuid;
    setTimeout(watch, POLL_MS);
    await refreshSensitivity(hunt);
  } catch (error) {
    showTrouble(byId("sensitivity-error"), error);
  }
}

byId("sensitivity-btn").addEventListener("click", start);
onTheme(showCurve);
