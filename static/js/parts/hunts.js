// The hunts of this home: a list, the choice of the one that is shown, and its best numbers.

/** @import { HuntDetails, Hunts, HuntSummary } from "./answers.d.ts" */

import { at } from "./address.js";
import { get } from "./api.js";
import { byId, keepingFocus, make, numberElement, setNumber, setText, shortId, showMessage } from "./dom.js";
import { fromHub, showTrouble, useScript } from "./offline.js";
import { changeUrl, onBack, sayLeftOut, urlState } from "./url_state.js";

const choice = byId("hunt-choice", HTMLSelectElement);
const table = byId("hunts-table", HTMLTableElement);
/** @type {HuntSummary[]} */
let hunts = [];
/** @type {() => void} */
let changed = () => {};
const compare = byId("compare-hunts-btn", HTMLButtonElement);
/** @type {string[]} */
let ticked = []; // at most two, the older first

const shownHunt = () => choice.value;

/** @param {string} value */
const huntOf = (value) => hunts.find((hunt) => (value === "current" ? hunt.current : hunt.hunt_id === value));

/** @param {HuntSummary} hunt */
const spanOf = ({ first_generation: first, last_generation: last }) =>
  first === last ? String(first) : `${first} to ${last}`;

/** @param {string} value */
function choose(value) {
  changeUrl({ hunt: value, page: "1", zoom: "" }); // its runs lie elsewhere
  showChosen(value);
}

/** @param {string} value */
function showChosen(value) {
  choice.value = value;
  showBest();
  changed();
}

/** Show the hunt that the address names, by its id or the beginning of it. */
function followAddress() {
  const { hunt } = urlState();
  const found = hunts.filter(({ hunt_id: id }) => id.startsWith(hunt));
  const named = found.length === 1 ? found[0].hunt_id : "current";
  const value = hunt === "all" ? hunt : huntOf("current")?.hunt_id === named ? "current" : named;
  if (value !== hunt) changeUrl({ hunt: value }, false);
  if (hunt !== "current" && found.length !== 1 && value === "current") sayLeftOut([`hunt=${hunt}`]);
  if (value !== shownHunt() || value !== hunt) showChosen(value);
}

/** The smallest values of the hunt that is shown, or of all. */
function showBest() {
  const chosen = huntOf(shownHunt());
  const shown = shownHunt() === "all" ? hunts : chosen ? [chosen] : [];
  /** @param {"best_sse" | "best_h_norm"} name */
  const smallest = (name) => {
    const known = shown.map((hunt) => hunt[name]).filter((value) => value !== null);
    return known.length ? Math.min(...known) : null;
  };
  setNumber(byId("best-sse"), smallest("best_sse"));
  setNumber(byId("best-h-norm"), smallest("best_h_norm"));
}

/** Runs of another version of the measure count for nothing until they are measured again. */
function showOtherMeasure() {
  const count = hunts.reduce((sum, hunt) => sum + (hunt.unscored.other_measure ?? 0), 0);
  const line = byId("other-measure");
  const runs = count === 1 ? "1 run of this home was" : `${count} runs of this home were`;
  showMessage(line, count ? `${runs} scored by another version of the measure, and no hunt learns from them. With the hub ended: ` : "");
  if (count) line.append(make("code", { text: line.dataset.command }));
}

/**
 * @param {Node | string} content
 * @param {boolean} [minor] left out where there is little width
 */
const cell = (content, minor = false) =>
  make("td", { className: `num mono${minor ? " minor" : ""}`, children: [content] });

/** @param {HuntSummary} hunt */
const begun = ({ started_at: moment }) =>
  (moment ? make("time", { dateTime: moment, text: new Date(moment).toLocaleString() }) : "-");

/** @param {HuntSummary} hunt */
function labelCell(hunt) {
  const edit = make("button", { type: "button", className: "link", text: hunt.name || "name it" });
  edit.setAttribute("aria-label", `${hunt.name || "name it"}: hunt ${hunt.hunt_id}`);
  if (!hunt.name) edit.classList.add("none");
  edit.addEventListener("click", () =>
    useScript(byId("hunts-error"), import("./labels.js"), ({ editLabel }) => editLabel(hunt, refreshHunts)));
  const tags = hunt.tags.map((tag) => make("span", { className: "badge", text: tag }));
  return make("td", { className: "minor", children: [edit, ...tags.flatMap((tag) => [" ", tag])] });
}

/** @param {HuntSummary} hunt */
function actionsCell(hunt) {
  const clone = make("button", { type: "button", className: "link", text: "Clone", disabled: hunt.status === null });
  clone.setAttribute("aria-label", `Clone hunt ${hunt.hunt_id} into the form`);
  clone.addEventListener("click", () => cloneHunt(hunt.hunt_id));
  const path = `/api/hunts/${encodeURIComponent(hunt.hunt_id)}/export`;
  const save = make("a", { href: at(path), text: "Export" });
  save.setAttribute("aria-label", `Export hunt ${hunt.hunt_id}`);
  return make("td", { className: "minor", children: [clone, " ", save] });
}

/**
 * Fill the form with the order of a hunt.
 * @param {string} huntId
 */
async function cloneHunt(huntId) {
  showMessage(byId("hunts-error"), "");
  try {
    /** @type {HuntDetails} */
    const { plan } = await get(`/api/hunts/${encodeURIComponent(huntId)}`);
    if (plan) (await fromHub(import("./fill_form.js"))).cloneIntoForm(plan, {});
    else showMessage(byId("hunts-error"), "The plan of this hunt was not kept.");
  } catch (error) {
    showTrouble(byId("hunts-error"), error);
  }
}

/**
 * A third tick takes the place of the first.
 * @param {HuntSummary} hunt
 */
function tickCell({ hunt_id: id }) {
  const tick = make("input", { type: "checkbox", checked: ticked.includes(id) });
  tick.setAttribute("aria-label", `Compare hunt ${id}`);
  tick.addEventListener("change", () => {
    ticked = [...ticked.filter((each) => each !== id), ...(tick.checked ? [id] : [])].slice(-2);
    showHunts();
  });
  return make("td", { className: "tick", children: [tick] });
}

/** @param {HuntSummary} hunt */
function row(hunt) {
  const show = make("button", { type: "button", className: "link mono", text: shortId(hunt.hunt_id) });
  show.setAttribute("aria-label", `Show hunt ${hunt.hunt_id}`);
  show.addEventListener("click", () => {
    choose(hunt.current ? "current" : hunt.hunt_id);
    byId("analysis-title").scrollIntoView({ block: "start" });
  });
  const first = make("td", { children: [show] });
  if (hunt.current) first.append(make("span", { className: "best", text: "current" }));
  const best = hunt.best_run
    ? make("a", { className: "mono", href: at(`/runs/${hunt.best_run}`), text: shortId(hunt.best_run) }) : "-";
  return make("tr", {
    children: [
      tickCell(hunt), first, labelCell(hunt), make("td", { className: "minor", children: [begun(hunt)] }),
      make("td", { className: "minor", text: hunt.verdict ?? "-" }), cell(spanOf(hunt), true), cell(String(hunt.complete + hunt.failed)), cell(String(hunt.failed), true),
      cell(numberElement(hunt.best_sse)), cell(numberElement(hunt.best_h_norm)),
      make("td", { className: "minor", children: [best] }), actionsCell(hunt),
    ],
  });
}

function showChoices() {
  const past = hunts.filter((hunt) => !hunt.current);
  const wanted = ["current", "all", ...past.map((hunt) => hunt.hunt_id)];
  if ([...choice.options].map((option) => option.value).join() === wanted.join()) return;
  const kept = shownHunt();
  choice.replaceChildren(
    make("option", { value: "current", text: "this hunt" }), make("option", { value: "all", text: "all hunts" }),
    ...past.map((hunt) => make("option", {
      value: hunt.hunt_id, text: `${hunt.name || `hunt ${shortId(hunt.hunt_id)}`}, generations ${spanOf(hunt)}`,
    })),
  );
  choice.value = wanted.includes(kept) ? kept : "current";
}

function showHunts() {
  keepingFocus(table, () => table.tBodies[0].replaceChildren(...hunts.map(row)));
  compare.disabled = ticked.length < 2;
}

/** Ask for the list anew; return what the current hunt has come to, if there is one. */
export async function refreshHunts() {
  /** @type {Hunts} */
  const answer = await get("/api/hunts");
  hunts = answer.hunts;
  showChoices();
  followAddress();
  showBest();
  showHunts();
  table.hidden = hunts.length === 0;
  byId("hunts-empty").hidden = hunts.length > 0;
  setText(byId("hunts-count"), hunts.length ? String(hunts.length) : "");
  showOtherMeasure();
  return huntOf("current") ?? null;
}

/** @param {() => void} onChange called when the address names another hunt */
export function setUpHunts(onChange) {
  changed = onChange;
  choice.addEventListener("change", () => choose(choice.value));
  onBack(followAddress);
  compare.addEventListener("click", () => {
    location.href = at(`/compare-hunts?${new URLSearchParams(ticked.map((id) => ["hunt", id]))}`);
  });
}
