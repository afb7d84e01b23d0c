// Live Hunt Status: what the status route says, put into words.

/** @import { HuntSummary, Status } from "./answers.d.ts" */

import { STILL_TRYING, hubNow, statusOf } from "./api.js";
import { CONSTANTS } from "./constants.js";
import { allWithin, byId, duration, setText, showMessage, within } from "./dom.js";

/** @type {Record<string, string>} */
const TONES = {
  Running: "busy", Paused: "warn", Stopping: "warn", Stopped: "warn", Interrupted: "warn", Completed: "good",
  Offline: "bad",
};

const STALL = 3; // median job times without a result
/** @type {number | null} */
let jobTime = null;
let withoutScore = ""; // why the current hunt, or part of it, has no score
/** @type {Status | null} */
let shown = null; // the last status
/** @type {Date | null} */
let answeredAt = null; // when the last status came

const START = "Start New Hunt";
/** @type {Record<string, string>} */
const BUTTON = { Running: "Hunt Running...", Paused: "Hunt Paused", Stopping: "Hunt Running..." };

const BUTTONS = ["pause-btn", "resume-btn", "stop-btn", "cancel-btn"];

/** @param {Status} status */
export const isActive = (status) => CONSTANTS.active_states.includes(status.hunt_status);

/**
 * @param {string} name
 * @param {string} [tone]
 */
function showState(name, tone = TONES[name] ?? (name.startsWith("Error") ? "bad" : "idle")) {
  setText(byId("hunt-status"), name);
  byId("state-dot").dataset.tone = tone;
}

/**
 * A hunt that came to its end without a score for any run is nothing to be green about.
 * @param {Status} status
 */
function showOutcome(status) {
  const best = "job_uuid" in status.final_result;
  const none = status.hunt_status === "Completed" && !best;
  showState(status.hunt_status, none ? "warn" : undefined);
  showMessage(byId("status-outcome"), none ? withoutScore : "");
}

/**
 * While a hunt runs on towards a pause, the reason of the pause is known already.
 * @param {Status} status
 */
const isPausing = (status) => status.hunt_status === "Running" && Boolean(status.reason);

/** @param {Status} status */
function showReason(status) {
  const lead = isPausing(status) ? "Pausing after the running jobs: " : "";
  showMessage(byId("status-reason"), status.reason ? lead + status.reason : "");
}

/**
 * What is waited for before the first result.
 * @param {Status["progress"]} progress
 */
function untilFirst({ compiling, first_result_s: seconds }) {
  const first = seconds === null ? "" : `first result in about ${duration(seconds)}`;
  return [compiling ? "compiling" : "", first].filter(Boolean).join(", ");
}

/** @param {Status} status */
function showProgress({ hunt_status: state, progress }) {
  const { done, failed, total, generation, generations, eta_s: eta, jobs_per_minute: pace } = progress;
  const bar = byId("progress-bar", HTMLProgressElement);
  bar.max = total || 1;
  bar.value = done;
  const percent = total ? ` (${Math.floor((100 * done) / total)}%)` : "";
  const rate = pace && state === "Running" ? `, ${pace} a minute` : "";
  setText(byId("progress-text"), total ? `${done} of ${total} jobs${percent}${rate}` : "No hunt yet");
  const left = eta === null ? untilFirst(progress) : `about ${duration(eta)} left`;
  setText(byId("eta-text"), state === "Running" ? left : "");
  setText(byId("status-generation"), total ? `${generation} of ${generations}` : "-");
  setText(byId("status-failed"), total ? String(failed) : "-");
  setText(byId("reading-state"), total ? `${state}: ${done} of ${total} jobs done, ${failed} failed.` : "");
}

/** @param {Status} status */
function showJobStates({ progress }) {
  for (const cell of allWithin(document, "[data-state]")) {
    const count = progress.states[cell.dataset.state ?? ""];
    cell.classList.toggle("none", count === 0);
    setText(within(cell, "dd"), String(count));
  }
}

/**
 * Seconds since the last event; null where nothing runs or nothing has happened.
 * @param {Status} status
 */
const ageOf = (status) => (isActive(status) && status.last_event_at !== null
  ? Math.max(0, hubNow() - status.last_event_at) : null);

/** @param {Status} status */
function showEvent(status) {
  const age = ageOf(status);
  setText(byId("status-event"), status.last_event);
  setText(byId("status-age"), age === null ? "" : `${duration(age)} ago`);
}

/**
 * A hunt that runs and has told nothing for three median job times is stalled, or looks so.
 * @param {Status} status
 */
function showStall(status) {
  const age = status.hunt_status === "Running" ? ageOf(status) : null;
  const silent = age !== null && jobTime !== null && age > STALL * Math.max(jobTime, 1) ? age : null;
  byId("status-age").dataset.tone = silent === null ? "" : "warn";
  byId("stall-note").hidden = silent === null;
  const usual = `a job takes ${duration(jobTime ?? 0)} at the median`;
  setText(byId("stall-text"), silent === null ? "" : `No result for ${duration(silent)}; ${usual}.`);
}

/**
 * Take in what the list of hunts says of the current one.
 * @param {HuntSummary | null} hunt
 */
export function showCurrentHunt(hunt) {
  jobTime = hunt?.median_seconds ?? null;
  withoutScore = hunt?.without_score ?? "";
  if (shown) showOutcome(shown);
}

/** @param {Status} status */
function showButtons(status) {
  const active = isActive(status);
  const waits = status.hunt_status === "Paused" || isPausing(status);
  byId("start-hunt-btn", HTMLButtonElement).disabled = active;
  byId("btn-spinner").hidden = !active || status.hunt_status === "Paused";
  setText(byId("btn-text"), BUTTON[status.hunt_status] ?? START);
  byId("pause-btn").hidden = status.hunt_status !== "Running" || waits;
  byId("resume-btn").hidden = !waits && (active || !status.resumable);
  byId("stop-btn").hidden = !active || status.hunt_status === "Stopping";
  byId("cancel-btn").hidden = !active;
}

/** @param {Status} status */
export function showStatus(status) {
  shown = status;
  answeredAt = new Date();
  showMessage(byId("offline-banner"), "");
  showOutcome(status);
  showReason(status);
  showProgress(status);
  showJobStates(status);
  showButtons(status);
  showEvent(status);
  showStall(status);
  setText(byId("status-sse"), status.last_sse);
  setText(byId("status-h-norm"), status.last_h_norm);
}

/** Take back what is true only while it is asked for: times, and what a button could do. */
function clearLive() {
  setText(byId("eta-text"), "");
  setText(byId("status-age"), "");
  for (const id of ["status-reason", "status-outcome", "stall-note", "btn-spinner", ...BUTTONS]) byId(id).hidden = true;
  setText(byId("btn-text"), START);
  byId("start-hunt-btn", HTMLButtonElement).disabled = true;
}

/**
 * Say that the hub cannot be asked; the next successful poll takes it back.
 * @param {unknown} error
 */
export function showOffline(error) {
  shown = null;
  showState("Offline");
  clearLive();
  const trouble = statusOf(error) === 401
    ? "The hub wants its token: open the link that it printed when it started." : STILL_TRYING;
  const since = answeredAt ? ` What is shown is as of ${answeredAt.toLocaleTimeString()}.` : "";
  showMessage(byId("offline-banner"), trouble + since);
}
