// The title and icon of the page's tab: how the hunt stands, seen from another tab too.

/** @import { Status } from "./answers.d.ts" */

import { byId, setText, within } from "./dom.js";
import { isActive } from "./status.js";

const NAME = document.title;
const icon = within(document, 'link[rel="icon"]', HTMLLinkElement);
const PLAIN = icon.href;
const WANTED = "irer-notify"; // in the browser's memory, once somebody asked for it
/** @type {Record<string, string>} */
const COLOURS = { busy: "#4fd1c5", warn: "#e7b45a", good: "#58c98b", bad: "#f08a80" };
/** @type {Record<string, [string, string]>} state -> word, tone */
const ENDS = { Completed: ["finished", "good"], Stopped: ["stopped", "warn"], Interrupted: ["interrupted", "warn"] };

/** @type {[string, string]} how a hunt ended that another has followed: nobody has seen it */
const SOMEHOW = ["ended", ""];

/** @type {Status | null} */
let shown = null;
/** @type {[string, string][]} */
let unseen = []; // ends that nobody has looked at

/**
 * @param {string} state
 * @returns {[string, string]}
 */
const endOf = (state) => ENDS[state] ?? ["failed", "bad"];

/**
 * @param {Status} status
 * @returns {[string, string]} words and tone of what there is now; both empty for a hub at rest
 */
function now({ hunt_status: state, progress: { done, total } }) {
  if (state === "Running" || state === "Stopping") return [`${done}/${total} ${state.toLowerCase()}`, "busy"];
  if (state === "Paused") return [`${done}/${total} paused`, "warn"];
  return state.startsWith("Error") ? ["failed", "bad"] : ["", ""];
}

/**
 * @param {string} words
 * @param {string} tone
 */
function paint(words, tone) {
  document.title = words ? `${words} | ${NAME}` : NAME;
  const dot = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f2a33"/><circle cx="16" cy="16" r="9" fill="${COLOURS[tone]}"/></svg>`;
  const wanted = tone ? `data:image/svg+xml,${encodeURIComponent(dot)}` : PLAIN;
  if (icon.href !== wanted) icon.href = wanted;
}

function repaint() {
  if (!shown) return paint("offline", "bad");
  const [words, tone] = now(shown);
  const last = unseen.at(-1);
  const ended = unseen.length > 1 ? `${unseen.length} ended` : last?.[0];
  const parts = words === last?.[0] ? [words] : [ended, words].filter(Boolean);
  paint(parts.join(", "), tone || last?.[1] || "");
}

/** @param {Status} status */
function notify(status) {
  if (localStorage.getItem(WANTED) !== "yes" || globalThis.Notification?.permission !== "granted") return;
  const same = status.hunt_id === shown?.hunt_id;
  const words = same ? endOf(status.hunt_status)[0] : "ended, and the next began";
  const { done, total } = (same ? status : shown ?? status).progress;
  try {
    new Notification(`The hunt has ${words}`, { body: `${done} of ${total} runs`, tag: shown?.hunt_id ?? "" });
  } catch { /* some browsers of phones have the name alone */ }
}

/**
 * Show the state of the hunt; an end is marked until somebody looks.
 * @param {Status | null} status null while the hub is away
 */
export function showInTab(status) {
  const next = status && status.hunt_id !== shown?.hunt_id; // the next of the queue has begun
  if (status && shown && isActive(shown) && (next || !isActive(status))) {
    if (next) unseen.push(SOMEHOW);
    if (status.hunt_id && !isActive(status)) unseen.push(endOf(status.hunt_status)); // the next, too
    notify(status);
  }
  if (status || !shown) shown = status;
  if (status) repaint();
  else paint("offline", "bad");
}

function look() {
  if (document.hidden || unseen.length === 0) return;
  unseen = [];
  repaint();
}

/** The button asks the browser's leave, or takes the wish back. */
async function switchNotifications() {
  const on = localStorage.getItem(WANTED) === "yes";
  const answer = on ? "default" : await Notification.requestPermission();
  localStorage.setItem(WANTED, answer === "granted" ? "yes" : "");
  showSwitch(answer === "denied" ? "The browser does not allow notifications of this page" : "");
}

/** @param {string} [problem] */
function showSwitch(problem) {
  const button = byId("notify-btn");
  const on = localStorage.getItem(WANTED) === "yes" && Notification.permission === "granted";
  button.hidden = false;
  button.setAttribute("aria-pressed", String(on));
  setText(button, problem || (on ? "Notifying at the end" : "Notify me at the end"));
}

for (const name of ["focus", "pointerdown", "keydown"]) addEventListener(name, look);
document.addEventListener("visibilitychange", look);
if (globalThis.Notification) {
  byId("notify-btn").addEventListener("click", switchNotifications);
  showSwitch();
}
