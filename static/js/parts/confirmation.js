// Verdict and confirmation of a run: start it, watch it, read discovery and fresh seeds side by side.

import { at } from "./address.js";
import { get, post } from "./api.js";
import { byId, duration, make, numberElement, setText, showMessage } from "./dom.js";
import { showTrouble } from "./offline.js";

const POLL_MS = 3000;
const NAMES = {
  base: "own settings", finer_grid: "N × 2", half_step: "dt / 2", larger_box: "L × 1.5", float64: "float64",
};
const METRICS = ["log_prime_sse", "sdg_h_norm_l2"]; // compared between groups
const MEASURED = [...METRICS, "sdg_h_norm_relative"]; // with a goal
const STATES = {
  none: "none yet", former: "of an earlier version", running: "running", interrupted: "interrupted",
  error: "ended by an error",
};
const TONES = { passed: "good", equivalent: "good", unresolved: "warn", different: "bad" };

let run = null; // whose confirmation is shown
let timer = null;
let ended = () => {};

const path = (name) => `/api/runs/${encodeURIComponent(run)}/${name}`;
const chosen = (value) => make("data", { value: String(value), text: String(Number(value.toPrecision(7))) });
const cell = (...children) => make("td", { className: "num mono", children });

/** A median with the range that it stands in, or a dash where no run of a group is complete. */
function spreadCell(spread) {
  if (!spread) return cell("-");
  const range = make("span", {
    className: "note", children: [" [", numberElement(spread.min), ", ", numberElement(spread.max), "]"],
  });
  return cell(numberElement(spread.median), range);
}

/** The name of a row, and beneath it the settings that its runs share and how many are complete. */
function rowHead(name, { N_grid: grid, box_length: box, dt }, runs) {
  const settings = make("span", {
    className: "note mono", children: ["N ", chosen(grid), ", L ", chosen(box), ", dt ", chosen(dt)],
  });
  return make("th", { scope: "row", children: [name, settings, make("span", { className: "note", text: runs })] });
}

/** A row; each cell knows its column's name, which stands beside it on a phone. */
function rowOf(name, simulation, runs, metrics, tests) {
  const cells = [...metrics, ...tests];
  const heads = [...byId("replicates").tHead.rows[0].cells].slice(1);
  cells.forEach((each, n) => { each.dataset.name = heads[n].textContent; });
  return make("tr", { children: [rowHead(name, simulation, runs), ...cells] });
}

/** How a metric of a refinement compares with the base: the word, and the interval that it rests on. */
function comparisonCell(found) {
  if (!found) return cell("-");
  const interval = make("span", {
    className: "note", children: [" [", numberElement(found.low), ", ", numberElement(found.high), "]"],
  });
  const compared = cell(found.outcome, interval);
  compared.dataset.tone = TONES[found.outcome];
  return compared;
}

function holdsCell({ holds }) {
  if (holds === undefined) return cell("-"); // an earlier version did not ask
  const judged = cell(holds ? "holds" : "does not hold");
  judged.dataset.tone = holds ? "good" : "bad";
  return judged;
}

function groupRow(group, comparisons) {
  const complete = group.runs.filter((replicate) => replicate.metrics).length;
  const compared = METRICS.map((metric) => comparisonCell(
    comparisons.find((each) => each.group === group.name && each.metric === metric),
  ));
  const spreads = MEASURED.map((metric) => spreadCell(group.spread[metric]));
  return rowOf(
    NAMES[group.name], group.simulation, `${complete} of ${group.runs.length} complete`, spreads,
    [holdsCell(group), ...compared],
  );
}

function showReport(report) {
  byId("replicates-wrap").hidden = !report;
  byId("confirmation-report").hidden = !report;
  byId("confirmation-report").href = at(path("confirmation.html"));
  byId("confirmation-findings").replaceChildren(
    ...(report?.findings ?? []).map((text) => make("li", { text })),
  );
  if (!report) return;
  const { simulation, metrics } = report.discovery;
  const found = MEASURED.map((metric) => cell(numberElement(metrics[metric])));
  byId("replicates").tBodies[0].replaceChildren(
    rowOf("discovery", simulation, "1 run", found, [cell("-"), cell("-"), cell("-")]),
    ...report.groups.map((group) => groupRow(group, report.comparisons ?? [])),
  );
}

/** What a click will take, before it is made. */
function offer({ state, done, total, seconds_left: seconds }) {
  const runs = done > 0 ? `${total - done} of ${total} runs left` : `${total} runs`;
  const time = seconds === null ? "" : `, about ${duration(seconds)}`;
  return `${done > 0 || state === "interrupted" ? "Go on" : "Confirm"}: ${runs}${time}`;
}

function showState(found) {
  const { state, done, total, message, report } = found;
  const running = state === "running";
  const complete = state === "complete";
  const badge = byId("confirmation-state");
  setText(badge, complete ? report.outcome : STATES[state]);
  badge.dataset.tone = complete ? TONES[report.outcome] ?? "idle" : { error: "bad", running: "warn" }[state] ?? "idle";
  byId("confirm-btn").hidden = running || complete;
  setText(byId("confirm-btn"), running || complete ? "Confirm" : offer(found));
  byId("stop-confirmation-btn").hidden = !running;
  const begun = done > 0 && !complete;
  byId("confirmation-progress").hidden = !(running || begun);
  byId("confirmation-bar").max = total;
  byId("confirmation-bar").value = done;
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
  let found = null;
  try {
    found = await get(path("confirmation"));
  } catch (error) {
    if (asked !== run) return;
    if (error.status !== 0 && error.status !== 503) return showMessage(byId("confirmation-error"), error.message);
    if (error.status === 0) showTrouble(byId("confirmation-error"), error); // what stands below it is of before
  }
  if (asked !== run) return;
  if (found) showState(found);
  const running = found ? found.state === "running" : wasRunning;
  if (running || !found) timer = setTimeout(refresh, POLL_MS, running);
  else if (wasRunning) ended();
}

async function switchTo(route) {
  showMessage(byId("confirmation-error"), "");
  try {
    await post(path(route));
    await refresh(true);
  } catch (error) {
    showTrouble(byId("confirmation-error"), error);
  }
}

const pValue = (name, value, more = "") => make("li", {
  children: [make("span", { className: "mono", text: `${name} ` }), numberElement(value), more],
});

/** Put a verdict into words: what is known, and what there is not for the next word. */
export function showVerdict(verdict) {
  byId("verdict-words").hidden = !verdict;
  if (!verdict) return;
  setText(byId("verdict-scientific"), `Scientific: ${verdict.scientific}`);
  showMessage(byId("verdict-engineering"), verdict.engineering
    ? `Engineering: ${verdict.engineering_passed ? "passed" : "not passed"}; ${verdict.engineering}` : "");
  const counts = Object.entries(verdict.n_null_hunts).map(([kind, n]) => `${n} ${kind}`).join(", ");
  const told = {
    p_position: " (pooled)", p_hunt: ` (n: ${counts})`, p_flat: "",
    p_matched: " (replicates; beside the verdict)", p_lines: " (pooled; beside the verdict)",
    a95: " (of the hunt, in units of the background)",
    a_upper_limit: " (of the hunt, in units of the background)",
  };
  const known = Object.keys(told).filter((name) => verdict[name] !== null);
  byId("verdict-known").replaceChildren(...known.map((name) => pValue(name, verdict[name], told[name])));
  const lead = verdict.scientific === "not reached" ? "Beside the goal, what" : "What";
  showMessage(byId("verdict-missing"), verdict.missing.length
    ? `${lead} keeps it from confirmed: ${verdict.missing.join("; ")}.` : "");
}

/** Show the confirmation of a run and watch it. */
export function showConfirmation(uuid) {
  run = uuid;
  showMessage(byId("confirmation-error"), "");
  return refresh();
}

/** Wire the buttons; `onEnd` is called when a confirmation that was watched has ended. */
export function setUpConfirmation(onEnd) {
  ended = onEnd;
  byId("confirm-btn").addEventListener("click", () => switchTo("confirm"));
  byId("stop-confirmation-btn").addEventListener("click", () => switchTo("stop-confirmation"));
}
