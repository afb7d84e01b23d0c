// What the hunt page shows, kept in its address: reloading, a link and the browser's Back restore it.
// Nothing else reads or writes the address of this page.

import { POLL_MS, isAway } from "./api.js";
import { byId, showMessage } from "./dom.js";
import { fromHub, showTrouble } from "./offline.js";

/** @typedef {typeof USUAL} State as the hub's query for runs has it, with ticks and zooms; empty for none */

const USUAL = {
  hunt: "current", sort: "generation", order: "desc", page: "1", state: "all", hidden: "no", search: "",
  columns: byId("runs-table").dataset.shown ?? "", ticked: "", ranges: "", lasso: "", zoom: "",
};
const NAMES = /** @type {(keyof State)[]} */ (Object.keys(USUAL));

let state = USUAL;
/** @type {((before: Readonly<State>) => void)[]} */
const followers = [];

/** Take the state from the address; what makes no sense there is left out, and said. */
async function read() {
  if (!location.search) {
    state = USUAL;
    sayLeftOut([]);
    return;
  }
  const { checked } = await fromHub(import("./url_check.js"));
  const found = checked(location.search, USUAL);
  state = found.state;
  sayLeftOut(found.leftOut);
}

/** Take the state from the address, as soon as the hub gives what that takes. */
async function readWhenThere() {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!isAway(error)) throw error;
      showTrouble(byId("address-note"), error);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/**
 * Say what of the address makes no sense.
 * @param {string[]} parts
 */
export function sayLeftOut(parts) {
  showMessage(byId("address-note"), parts.length
    ? `Left out of the address, because it makes no sense here: ${parts.join(", ")}.` : "");
}

function address() {
  const query = new URLSearchParams(NAMES.filter((name) => state[name] !== USUAL[name])
    .map((name) => [name, state[name]]));
  const text = String(query).replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `${location.pathname}${text && "?"}${text}${location.hash}`;
}

/** @returns {Readonly<State>} */
export const urlState = () => state;

/** @param {"columns" | "ticked" | "ranges" | "zoom"} name */
export const listed = (name) => state[name].split(",").filter((part) => part && part !== "none");

/**
 * Change the state: a choice that Back should take back is a new entry of the browser's history,
 * what changes all the time is not.
 * @param {Partial<State>} change
 * @param {boolean} [push]
 */
export function changeUrl(change, push = true) {
  const before = address();
  state = { ...state, ...change };
  if (address() === before) return;
  if (push) history.pushState(null, "", address());
  else history.replaceState(null, "", address());
  if (push) sayLeftOut([]);
}

/**
 * Call when the browser's Back or Forward has changed the state.
 * @param {(before: Readonly<State>) => void} follow told the state from before
 */
export function onBack(follow) {
  followers.push(follow);
}

/** What the hub is asked for to fill the table of runs. */
export function tableQuery() {
  const { ticked: _, zoom: __, ...asked } = state;
  return new URLSearchParams({ ...asked, columns: listed("columns").join() });
}

addEventListener("popstate", async () => {
  const before = state;
  await readWhenThere();
  if (JSON.stringify(state) !== JSON.stringify(before)) followers.forEach((follow) => follow(before));
});
await readWhenThere();
