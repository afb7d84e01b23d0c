// Live Hunt Status: what the status route says, put into words.

import { byId, duration, setText, showMessage } from "./dom.js";

const ACTIVE = ["Running", "Stopping"];
const TONES = {
  Running: "busy", Stopping: "warn", Stopped: "warn", Interrupted: "warn", Completed: "good",
  Offline: "bad",
};

const isActive = (status) => ACTIVE.includes(status.hunt_status);

function showState(name) {
  setText(byId("hunt-status"), name);
  byId("state-dot").dataset.tone = TONES[name] ?? (name.startsWith("Error") ? "bad" : "idle");
}

function showProgress({ hunt_status: state, progress }) {
  const { done, failed, total, generation, generations, eta_s: eta } = progress;
  const bar = byId("progress-bar");
  bar.max = total || 1;
  bar.value = done;
  const percent = total ? ` (${Math.floor((100 * done) / total)}%)` : "";
  setText(byId("progress-text"), total ? `${done} of ${total} jobs${percent}` : "No hunt yet");
  const left = eta === null || state !== "Running" ? "" : `about ${duration(eta)} left`;
  setText(byId("eta-text"), left);
  setText(byId("status-generation"), total ? `${generation} of ${generations}` : "-");
  setText(byId("status-failed"), total ? String(failed) : "-");
}

function showButtons(status) {
  const active = isActive(status);
  byId("start-hunt-btn").disabled = active;
  byId("btn-spinner").hidden = !active;
  setText(byId("btn-text"), active ? "Hunt Running..." : "Start New Hunt");
  byId("resume-btn").hidden = active || !status.resumable;
  byId("stop-btn").hidden = status.hunt_status !== "Running";
  byId("cancel-btn").hidden = !active;
}

export function showStatus(status) {
  showMessage(byId("offline-banner"), "");
  showState(status.hunt_status);
  showProgress(status);
  showButtons(status);
  setText(byId("status-event"), status.last_event);
  setText(byId("status-sse"), status.last_sse);
  setText(byId("status-h-norm"), status.last_h_norm);
}

/** Say that the hub cannot be asked; the next successful poll takes it back. */
export function showOffline(error) {
  showState("Offline");
  byId("start-hunt-btn").disabled = true;
  const trouble =
    error.status === 401
      ? "The hub wants its token: open the link that it printed when it started."
      : "The hub does not answer. This page goes on trying and recovers by itself.";
  showMessage(byId("offline-banner"), trouble);
}
