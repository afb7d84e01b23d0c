// Live Hunt Status: what the status route says, put into words.

import { hubNow } from "./api.js";
import { byId, duration, setText, showMessage } from "./dom.js";

const ACTIVE = ["Running", "Paused", "Stopping"];
const TONES = {
  Running: "busy", Paused: "warn", Stopping: "warn", Stopped: "warn", Interrupted: "warn", Completed: "good",
  Offline: "bad",
};

const STALL = 3; // median job times without a result
let jobTime = null;
let withoutScore = ""; // why the current hunt, or part of it, has no score
let shown = null; // the last status
let answeredAt = null; // when the last status came

const BUTTON = { Running: "Hunt Running...", Paused: "Hunt Paused", Stopping: "Hunt Running..." };

const BUTTONS = ["pause-btn", "resume-btn", "stop-btn", "cancel-btn"];

const isActive = (status) => ACTIVE.includes(status.hunt_status);

function showState(name, tone = TONES[name] ?? (name.startsWith("Error") ? "bad" : "idle")) {
  setText(byId("hunt-status"), name);
  byId("state-dot").dataset.tone = tone;
}

/** A hunt that came to its end without a score for any run is nothing to be green about. */
function showOutcome(status) {
  const none = status.hunt_status === "Completed" && !status.final_result?.job_uuid;
  showState(status.hunt_status, none ? "warn" : undefined);
  showMessage(byId("status-outcome"), none ? withoutScore : "");
}

/** While a hunt runs on towards a pause, the reason of the pause is known already. */
const isPausing = (status) => status.hunt_status === "Running" && Boolean(status.reason);

function showReason(status) {
  const lead = isPausing(status) ? "Pausing after the running jobs: " : "";
  showMessage(byId("status-reason"), status.reason ? lead + status.reason : "");
}

function showProgress({ hunt_status: state, progress }) {
  const { done, failed, total, generation, generations, eta_s: eta, jobs_per_minute: pace } = progress;
  const bar = byId("progress-bar");
  bar.max = total || 1;
  bar.value = done;
  const percent = total ? ` (${Math.floor((100 * done) / total)}%)` : "";
  const rate = pace && state === "Running" ? `, ${pace} a minute` : "";
  setText(byId("progress-text"), total ? `${done} of ${total} jobs${percent}${rate}` : "No hunt yet");
  const left = eta === null || state !== "Running" ? "" : `about ${duration(eta)} left`;
  setText(byId("eta-text"), left);
  setText(byId("status-generation"), total ? `${generation} of ${generations}` : "-");
  setText(byId("status-failed"), total ? String(failed) : "-");
}

function showJobStates({ progress }) {
  for (const cell of document.querySelectorAll("[data-state]")) {
    const count = progress.states[cell.dataset.state];
    cell.classList.toggle("none", count === 0);
    setText(cell.querySelector("dd"), String(count));
  }
}

const ageOf = (status) => Math.max(0, hubNow() - status.last_event_at);

function showEvent(status) {
  setText(byId("status-event"), status.last_event);
  const known = isActive(status) && status.last_event_at !== null;
  setText(byId("status-age"), known ? `${duration(ageOf(status))} ago` : "");
}

/** A hunt that runs and has told nothing for three median job times is stalled, or looks so. */
function showStall(status) {
  const watched = status.hunt_status === "Running" && status.last_event_at !== null && jobTime !== null;
  const stalled = watched && ageOf(status) > STALL * Math.max(jobTime, 1);
  byId("status-age").dataset.tone = stalled ? "warn" : "";
  byId("stall-note").hidden = !stalled;
  const usual = `a job takes ${duration(jobTime ?? 0)} at the median`;
  setText(byId("stall-text"), stalled ? `No result for ${duration(ageOf(status))}; ${usual}.` : "");
}

/** Take in what the list of hunts says of the current one, or null. */
export function showCurrentHunt(hunt) {
  jobTime = hunt?.median_seconds ?? null;
  withoutScore = hunt?.without_score ?? "";
  if (shown) showOutcome(shown);
}

function showButtons(status) {
  const active = isActive(status);
  const waits = status.hunt_status === "Paused" || isPausing(status);
  byId("start-hunt-btn").disabled = active;
  byId("btn-spinner").hidden = !active || status.hunt_status === "Paused";
  setText(byId("btn-text"), BUTTON[status.hunt_status] ?? "Start New Hunt");
  byId("pause-btn").hidden = status.hunt_status !== "Running" || waits;
  byId("resume-btn").hidden = !waits && (active || !status.resumable);
  byId("stop-btn").hidden = !active || status.hunt_status === "Stopping";
  byId("cancel-btn").hidden = !active;
}

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
  setText(byId("btn-text"), "Start New Hunt");
  byId("start-hunt-btn").disabled = true;
}

/** Say that the hub cannot be asked; the next successful poll takes it back. */
export function showOffline(error) {
  shown = null;
  showState("Offline");
  clearLive();
  const trouble =
    error.status === 401
      ? "The hub wants its token: open the link that it printed when it started."
      : "The hub does not answer. This page goes on trying and recovers by itself.";
  const since = answeredAt ? ` What is shown is as of ${answeredAt.toLocaleTimeString()}.` : "";
  showMessage(byId("offline-banner"), trouble + since);
}
