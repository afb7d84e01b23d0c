// The confirmation of a run: start it, watch it, read discovery and fresh seeds side by side.

/**
 * @import {
 *   Comparison, ConfirmationReport, ConfirmationState, FormerReport, Group, JudgedGroup,
 *   SimulationOptions, Spread,
 * } from "./answers.d.ts"
 */

import { at } from "./address.js";
import { POLL_MS, get, isAway, messageOf, post, statusOf } from "./api.js";
import { CONSTANTS } from "./constants.js";
import { byId, duration, make, numberElement, setText, showMessage } from "./dom.js";
import { showTrouble } from "./offline.js";

const { group_names: NAMES, compared_metrics: COMPARED, judged_metrics: JUDGED } = CONSTANTS;
/** @type {Record<Exclude<ConfirmationState["state"], "complete">, string>} */
const STATES = {
  none: "none yet", former: "of an earlier version", running: "running", interrupted: "interrupted",
  error: "ended by an error",
};
/** @type {Partial<Record<ConfirmationState["state"], string>>} */
const STATE_TONES = { error: "bad", running: "warn" };
/** @type {Record<Comparison["outcome"], string>} */
const COMPARISON_TONES = { equivalent: "good", unresolved: "warn", different: "bad" };
/** @type {Record<ConfirmationReport["outcome"], string>} */
const OUTCOME_TONES = { passed: "good", unresolved: "warn", "not passed": "idle" };

/** @type {string | null} */
let run = null; // whose confirmation is shown
/** @type {number | undefined} */
let timer;
let ended = () => {};

/** @param {string} name */
const path = (name) => `/api/runs/${encodeURIComponent(run ?? "")}/${name}`;

/** @param {number} value */
const chosen = (value) => make("data", { value: String(value), text: String(Number(value.toPrecision(7))) });

/** @param {(Node | string)[]} children */
const cell = (...children) => make("td", { className: "num mono", children });

/**
 * Two ends of a range, small, in brackets.
 * @param {number} low
 * @param {number} high
 */
const range = (low, high) => make("span", {
  className: "note", children: [" [", numberElement(low), ", ", numberElement(high), "]"],
});

/**
 * A median with the range that it stands in, or a dash where no run of a group is complete.
 * @param {Spread | undefined} spread
 */
const spreadCell = (spread) =>
  (spread ? cell(numberElement(spread.median), range(spread.min, spread.max)) : cell("-"));

/**
 * The name of a row, and beneath it the settings that its runs share and how many are complete.
 * @param {string} name
 * @param {SimulationOptions} simulation
 * @param {string} runs
 */
function rowHead(name, { N_grid: grid, box_length: box, dt }, runs) {
  const settings = make("span", {
    className: "note mono", children: ["N ", chosen(grid), ", L ", chosen(box), ", dt ", chosen(dt)],
  });
  return make("th", { scope: "row", children: [name, settings, make("span", { className: "note", text: runs })] });
}

/**
 * A row; each cell knows its column's name, which stands beside it on a phone.
 * @param {HTMLTableCellElement} head
 * @param {HTMLTableCellElement[]} cells
 */
function rowOf(head, cells) {
  const [, ...columns] = byId("replicates", HTMLTableElement).tHead?.rows[0].cells ?? [];
  cells.forEach((each, n) => { each.dataset.name = columns[n].textContent ?? ""; });
  return make("tr", { children: [head, ...cells] });
}

/**
 * How a metric of a refinement compares with the first group: the word, and the interval that it rests on.
 * @param {Comparison | undefined} found
 */
function comparisonCell(found) {
  if (!found) return cell("-");
  const compared = cell(found.outcome, range(found.low, found.high));
  compared.dataset.tone = COMPARISON_TONES[found.outcome];
  return compared;
}

/** @param {Group | JudgedGroup} group */
function holdsCell(group) {
  if (!("holds" in group)) return cell("-"); // an earlier version did not ask
  const judged = cell(group.holds ? "holds" : "does not hold");
  judged.dataset.tone = group.holds ? "good" : "bad";
  return judged;
}

/**
 * @param {Group | JudgedGroup} group
 * @param {Comparison[]} comparisons
 */
function groupRow(group, comparisons) {
  const complete = group.runs.filter((replicate) => replicate.metrics).length;
  const compared = COMPARED.map((metric) => comparisonCell(
    comparisons.find((each) => each.group === group.name && each.metric === metric),
  ));
  const spreads = JUDGED.map((metric) => spreadCell(group.spread[metric]));
  return rowOf(
    rowHead(NAMES[group.name] ?? group.name, group.simulation, `${complete} of ${group.runs.length} complete`),
    [...spreads, holdsCell(group), ...compared],
  );
}

/** @param {ConfirmationReport | FormerReport | null} report */
function showReport(report) {
  byId("replicates-wrap").hidden = !report;
  byId("confirmation-report").hidden = !report;
  byId("confirmation-report", HTMLAnchorElement).href = at(path("confirmation.html"));
  byId("confirmation-findings").replaceChildren(
    ...(report?.findings ?? []).map((text) => make("li", { text })),
  );
  if (!report) return;
  const { simulation, metrics } = report.discovery;
  const found = JUDGED.map((metric) => cell(numberElement(metrics[metric])));
  const comparisons = "comparisons" in report ? report.comparisons : [];
  byId("replicates", HTMLTableElement).tBodies[0].replaceChildren(
    rowOf(rowHead("discovery", simulation, "1 run"), [...found, cell("-"), ...COMPARED.map(() => cell("-"))]),
    ...report.groups.map((group) => groupRow(group, comparisons)),
  );
}

/**
 * What a click will take, before it is made.
 * @param {ConfirmationState} found
 */
function offer({ state, done, total, seconds_left: seconds }) {
  const runs = done > 0 ? `${total - done} of ${total} runs left` : `${total} runs`;
  const time = seconds === null ? "" : `, about ${duration(seconds)}`;
  return `${done > 0 || state === "interrupted" ? "Go on" : "Confirm"}: ${runs}${time}`;
}

/** @param {ConfirmationState} found */
function showBadge({ state, report }) {
  const badge = byId("confirmation-state");
  const outcome = state === "complete" && report && "outcome" in report ? report.outcome : null;
  setText(badge, outcome ?? (state === "complete" ? "" : STATES[state]));
  badge.dataset.tone = outcome ? OUTCOME_TONES[outcome] : STATE_TONES[state] ?? "idle";
}

/** @param {ConfirmationState} found */
function showState(found) {
  const { state, done, total, message, report } = found;
  const running = state === "running";
  const complete = state === "complete";
  showBadge(found);
  byId("confirm-btn").hidden = running || complete;
  setText(byId("confirm-btn"), running || complete ? "Confirm" : offer(found));
  byId("stop-confirmation-btn").hidden = !running;
  const begun = done > 0 && !complete;
  const bar = byId("confirmation-bar", HTMLProgressElement);
  byId("confirmation-progress").hidden = !(running || begun);
  bar.max = total;
  bar.value = done;
  setText(byId("confirmation-count"), running || begun ? `${done} of ${total} runs` : "");
  if (message) showMessage(byId("confirmation-error"), message);
  showMessage(byId("confirmation-version"), report?.schema_version === 1
    ? "This is a confirmation of version 1: it is shown, and no verdict uses it." : "");
  showReport(report);
}

/** Ask how the confirmation stands; while it runs, or the hub is gone, ask again in 3 s. */
async function refresh(wasRunning = false) {
  clearTimeout(timer);
  const asked = run;
  /** @type {ConfirmationState | null} */
  let found = null;
  try {
    found = await get(path("confirmation"));
  } catch (error) {
    if (asked !== run) return;
    if (!isAway(error)) return showMessage(byId("confirmation-error"), messageOf(error));
    if (statusOf(error) === 0) showTrouble(byId("confirmation-error"), error); // what stands below it is of before
  }
  if (asked !== run) return;
  if (found) showState(found);
  const running = found ? found.state === "running" : wasRunning;
  if (running || !found) timer = setTimeout(refresh, POLL_MS, running);
  else if (wasRunning) ended();
}

/** @param {string} route */
async function switchTo(route) {
  showMessage(byId("confirmation-error"), "");
  try {
    await post(path(route));
    await refresh(true);
  } catch (error) {
    showTrouble(byId("confirmation-error"), error);
  }
}

/**
 * Show the confirmation of a run and watch it.
 * @param {string} uuid
 */
export function showConfirmation(uuid) {
  run = uuid;
  showMessage(byId("confirmation-error"), "");
  return refresh();
}

/**
 * Wire the buttons.
 * @param {() => void} onEnd called when a confirmation that was watched has ended
 */
export function setUpConfirmation(onEnd) {
  ended = onEnd;
  byId("confirm-btn").addEventListener("click", () => switchTo("confirm"));
  byId("stop-confirmation-btn").addEventListener("click", () => switchTo("stop-confirmation"));
}
