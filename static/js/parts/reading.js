// What the current hunt means: the sentence, the best run against the goals, what to do next.

/** @import { Action, Finding, FindingBegun, HuntDetails, Reading, Status } from "./answers.d.ts" */

import { at } from "./address.js";
import { get, isAway, messageOf, post } from "./api.js";
import { byId, duration, make, setText, showMessage } from "./dom.js";
import { fromHub, showTrouble } from "./offline.js";

const EMPTY = byId("reading-sentence").textContent ?? "";
/** @type {string | null} */
let shown = null; // what the reading on the page was asked for
let changed = () => {};

/**
 * Do what a finding asks for: fill the form, or let the hub begin a control.
 * @param {Action} action
 * @param {string} huntId
 * @param {string} rule
 */
async function act(action, huntId, rule) {
  if (action.kind === "hunt") {
    /** @type {HuntDetails} */
    const { plan } = await get(`/api/hunts/${encodeURIComponent(huntId)}`);
    if (!plan) throw new Error("The plan of this hunt was not kept.");
    (await fromHub(import("./fill_form.js"))).cloneIntoForm(plan, action.changes);
    return;
  }
  /** @type {FindingBegun} */
  const { run_uuid: begun } = await post(`/api/hunts/${encodeURIComponent(huntId)}/findings/${rule}/act`);
  if (begun) location.assign(at("/components"));
}

/**
 * @param {Action} action
 * @param {string} huntId
 * @param {string} rule
 */
function buttonOf(action, huntId, rule) {
  const button = make("button", {
    type: "button", text: action.label, title: action.command,
    className: action.can_succeed ? "" : "quiet", disabled: !action.can_succeed,
  });
  button.addEventListener("click", async () => {
    showMessage(byId("reading-error"), "");
    button.disabled = true;
    try {
      await act(action, huntId, rule);
      changed();
    } catch (error) {
      showTrouble(byId("reading-error"), error);
    }
    button.disabled = false;
  });
  const time = action.seconds === null ? "" : ` about ${duration(action.seconds)}`;
  return make("span", { className: "finding-action", children: [button, make("span", { className: "note", text: time })] });
}

/**
 * A rescoring needs the home for itself, so the hub cannot start it: its command stands instead.
 * @param {Finding} finding
 * @param {string} huntId
 */
function findingOf({ rule, words, because, action }, huntId) {
  const parts = [make("span", { text: words }), make("span", { className: "note", text: ` ${because}` })];
  if (action?.kind === "rescore") parts.push(make("span", { className: "mono note", text: ` ${action.command}` }));
  else if (action) parts.push(buttonOf(action, huntId, rule));
  return make("li", { children: parts });
}

/**
 * Show the best run; a page without one never loads what shows it.
 * @param {Reading} reading
 */
async function showBest(reading) {
  if (!reading.best && byId("reading-gauges").hidden) return;
  const { showBestRun } = await fromHub(import("./best_run.js"));
  showBestRun(reading);
}

/** @param {Reading} reading */
async function show(reading) {
  showMessage(byId("reading-error"), "");
  setText(byId("reading-sentence"), reading.sentence);
  byId("reading-findings").hidden = reading.findings.length === 0;
  byId("reading-findings").replaceChildren(
    ...reading.findings.map((finding) => findingOf(finding, reading.hunt_id)));
  await showBest(reading);
}

/**
 * Ask for the reading of the current hunt where it may have changed.
 * @param {Status} status
 */
export async function refreshReading(status) {
  const { hunt_id: hunt, hunt_status: state, progress, final_result: result } = status;
  const asked = JSON.stringify([hunt, state, progress.generation, result]);
  if (asked === shown) return;
  shown = asked;
  if (hunt === null) {
    setText(byId("reading-sentence"), EMPTY);
    for (const id of ["best-evidence", "reading-gauges-key"]) byId(id).hidden = true;
    for (const id of ["reading-gauges", "reading-findings"]) {
      byId(id).hidden = true;
      byId(id).replaceChildren();
    }
    return;
  }
  try {
    /** @type {Reading} */
    const reading = await get(`/api/hunts/${encodeURIComponent(hunt)}/reading`);
    if (shown === asked) await show(reading);
  } catch (error) {
    shown = null;
    if (!isAway(error)) showMessage(byId("reading-error"), messageOf(error));
  }
}

/**
 * Wire the section.
 * @param {() => void} refresh polls the status at once
 */
export function setUpReading(refresh) {
  changed = refresh;
}
