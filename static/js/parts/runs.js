// The table of runs, paged, sorted and filtered by the hub; some can be ticked to be compared.

/** @import { RunRow, RunsPage } from "./answers.d.ts" */

import { at } from "./address.js";
import { POLL_MS, get, messageOf, statusOf } from "./api.js";
import { CONSTANTS } from "./constants.js";
import { allWithin, byId, keepingFocus, make, numberElement, setText, shortId, within } from "./dom.js";
import { helpMark } from "./help.js";
import { useScript } from "./offline.js";
import { changeUrl, listed, onBack, tableQuery, urlState } from "./url_state.js";

/** @import { State } from "./url_state.js" */

const PER_PAGE = 15;
const ON_A_PHONE = 2; // columns of numbers
const filter = byId("runs-filter", HTMLFormElement);
const table = byId("runs-table", HTMLTableElement);
const noteHead = within(table, ".note-head");
const trouble = byId("runs-error");
const TITLES = new Map(allWithin(table, ".num [data-sort]").map(({ dataset, textContent }) => [dataset.sort ?? "", textContent]));

/** The columns of numbers that are shown, by name. */
const columns = () => listed("columns");

/** The runs that are marked to be compared, by uuids or beginnings of them. */
const ticked = () => listed("ticked");

/** @param {string} uuid */
const isTicked = (uuid) => ticked().some((tick) => uuid.startsWith(tick));

/** @param {RunRow} run */
const wordOf = (run) => run.reason ?? run.no_score?.replaceAll("_", " ") ?? "complete";

/**
 * A failed run has no metrics: its reason takes the room of the first two, where they are none.
 * @param {RunRow} run
 */
function stateCell(run) {
  const failed = run.state !== "COMPLETE";
  const shown = columns();
  const empty = failed ? shown.slice(0, ON_A_PHONE).findIndex((name) => run.values[name] !== null) : 0;
  const room = empty < 0 ? Math.min(ON_A_PHONE, shown.length) : empty;
  const cell = make("td", { className: "state", text: wordOf(run), colSpan: 1 + room });
  cell.dataset.tone = failed ? "bad" : run.no_score ? "idle" : "good";
  return cell;
}

/** @param {number} place of a column; where there is little width, the first ones alone are shown */
const classOf = (place) => `num${place < ON_A_PHONE ? "" : " minor"}`;

/**
 * @param {RunRow} run
 * @param {string} name
 * @param {number} place
 */
function numberCell({ values, seconds }, name, place) {
  const content = name === "seconds"
    ? make("data", { value: String(seconds), text: seconds.toFixed(2) }) : numberElement(values[name]);
  return make("td", { className: `mono ${classOf(place)}`, children: [content] });
}

/** Put the heads of the chosen columns in the place of the others. */
function showHeads() {
  for (const head of allWithin(table, "thead .num:not(.place)")) head.remove();
  noteHead.before(...columns().map((name, place) => {
    const title = TITLES.get(name) ?? name;
    const button = make("button", { type: "button", text: title });
    button.dataset.sort = name;
    return make("th", { scope: "col", className: classOf(place), children: [button, helpMark(name, `column ${title}`)] });
  }));
}

function showCompare() {
  const button = byId("compare-btn", HTMLButtonElement);
  const count = ticked().length;
  setText(button, count ? `Compare ${count}` : "Compare");
  button.disabled = count < 2;
  for (const box of allWithin(table, "tbody input[type=checkbox]", HTMLInputElement)) {
    box.disabled = !box.checked && count >= CONSTANTS.most_compared;
  }
}

/** @param {RunRow} run */
function tickCell(run) {
  const box = make("input", { type: "checkbox", checked: isTicked(run.job_uuid) });
  box.setAttribute("aria-label", `Compare run ${run.job_uuid}`);
  box.addEventListener("change", () => {
    const others = ticked().filter((tick) => !run.job_uuid.startsWith(tick));
    changeUrl({ ticked: [...others, ...(box.checked ? [run.job_uuid] : [])].join() }, false);
    showCompare();
  });
  return make("td", { className: "tick", children: [box] });
}

/** @param {RunRow} run */
function noteCell(run) {
  const button = make("button", { type: "button", className: "link note-btn", text: run.note || "Add" });
  button.setAttribute("aria-label", run.note ? `${run.note}: note on run ${run.job_uuid}` : `Add a note on run ${run.job_uuid}`);
  if (!run.note) button.classList.add("none");
  button.addEventListener("click", () =>
    useScript(trouble, import("./notes.js"), ({ editNote }) => editNote(run, refreshRuns)));
  const cell = make("td", { className: "note-cell", children: [button] });
  if (run.hidden) cell.append(make("span", { className: "badge", text: "hidden" }));
  return cell;
}

/** @param {RunRow} run */
function row(run) {
  const open = make("a", { href: at(`/runs/${run.job_uuid}`), className: "mono", text: shortId(run.job_uuid) });
  open.setAttribute("aria-label", `Open run ${run.job_uuid}`);
  const first = make("td", { children: [open] });
  if (run.no_score) first.append(make("span", { className: "narrow", text: wordOf(run) })); // its own column is left out there
  if (run.best) first.append(make("span", { className: "best", text: "best" }));
  const place = make("td", { className: "num mono minor", text: `${run.generation}/${run.index}` });
  const state = stateCell(run);
  const numbers = columns().map((name, n) => numberCell(run, name, n)).slice(state.colSpan - 1);
  return make("tr", { children: [tickCell(run), first, place, state, ...numbers, noteCell(run)] });
}

/** @param {RunsPage} page */
function showPage(page) {
  const number = Math.min(page.page, page.pages);
  changeUrl({ page: String(number) }, false);
  table.tBodies[0].replaceChildren(...page.runs.map(row));
  table.hidden = page.runs.length === 0;
  byId("runs-empty").hidden = page.runs.length > 0;
  setText(byId("runs-empty"), isFiltered() ? "No run passes the filter." : "No runs yet.");
  setText(byId("runs-count"), page.total ? String(page.total) : "");
  setText(byId("page-text"), `${number} / ${page.pages}`);
  byId("prev-page", HTMLButtonElement).disabled = number <= 1;
  byId("next-page", HTMLButtonElement).disabled = number >= page.pages;
  showCompare();
  document.dispatchEvent(new CustomEvent("runsshown", { detail: page.total }));
}

const isFiltered = () => {
  const { state, hidden, search, ranges, lasso } = urlState();
  return state !== "all" || hidden !== "no" || search + ranges + lasso !== "";
};

const sortButtons = () => allWithin(table, "[data-sort]", HTMLButtonElement);

function showSorting() {
  for (const button of sortButtons()) {
    const sorted = button.dataset.sort === urlState().sort;
    const order = urlState().order === "asc" ? "ascending" : "descending";
    button.closest("th")?.setAttribute("aria-sort", sorted ? order : "none");
  }
}

let asked = 0; // questions so far: only the last one's answer is shown

/** Ask for the table anew. A failed request leaves it as it is: the status says so already. */
export async function refreshRuns() {
  const mine = ++asked;
  try {
    /** @type {RunsPage} */
    const page = await get(`/api/runs?${tableQuery()}&per_page=${PER_PAGE}`);
    if (mine === asked) keepingFocus(table, () => showPage(page)); // else a later question is on its way
  } catch (error) {
    if (statusOf(error) !== 0 && mine === asked) setText(byId("page-text"), messageOf(error));
  }
}

/**
 * Show the table as the address has it, but its rows, which are on their way.
 */
function showState() {
  const shown = urlState();
  for (const name of /** @type {const} */ (["state", "hidden", "search"])) {
    const field = filter.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = shown[name];
  }
  showHeads();
  showSorting();
}

/** @type {number | undefined} */
let narrowing; // the timer of the next try

/** Show, beside the table and in the charts, what Back has narrowed it to, or that it is whole again. */
async function showNarrowing() {
  const { ranges, lasso } = urlState();
  if (!ranges && !lasso && byId("brushes").hidden) return;
  const came = await useScript(trouble, import("./narrow.js"), (narrow) => narrow.showNarrowing());
  clearTimeout(narrowing);
  if (!came) narrowing = setTimeout(showNarrowing, POLL_MS);
}

/**
 * Show the table otherwise, from its first page on unless the change says which.
 * @param {Partial<State>} change
 * @param {boolean} [push] see `changeUrl`
 */
export function turnTo(change, push) {
  changeUrl({ page: "1", ...change }, push);
  if ("columns" in change) showHeads();
  showSorting();
  return refreshRuns();
}

/**
 * Go to the comparison of some runs.
 * @param {string[]} runs by their uuids
 */
export function compare(runs) {
  location.href = at(`/compare?${new URLSearchParams(runs.map((uuid) => ["run", uuid]))}`);
}

/** @param {number} by how many pages */
const turnPage = (by) => turnTo({ page: String(Number(urlState().page) + by) });

/**
 * Fill a part of the page when it is opened for the first time, or again until that succeeds.
 * @param {string} id
 * @param {(part: HTMLElement) => Promise<boolean>} fill
 */
function onFirstOpening(id, fill) {
  const part = byId(id, HTMLDetailsElement);
  part.addEventListener("toggle", async () => {
    if (!(await fill(part))) onFirstOpening(id, fill);
  }, { once: true });
}

export function setUpRuns() {
  within(table, "thead").addEventListener("click", ({ target }) => {
    const sort = target instanceof HTMLElement && target.dataset.sort;
    if (!sort) return;
    const flipped = urlState().order === "asc" ? "desc" : "asc";
    turnTo({ sort, order: sort === urlState().sort ? flipped : "asc" });
  });
  filter.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
    turnTo({ [target.name]: target.value }, target instanceof HTMLSelectElement);
  });
  filter.addEventListener("submit", (event) => event.preventDefault());
  byId("prev-page").addEventListener("click", () => turnPage(-1));
  byId("next-page").addEventListener("click", () => turnPage(1));
  byId("compare-btn").addEventListener("click", () => compare(ticked()));
  onFirstOpening("columns", (part) => useScript(trouble, import("./columns.js"), ({ offerColumns }) => offerColumns(part)));
  onFirstOpening("narrow", (part) => useScript(trouble, import("./narrow.js"), ({ offerRanges }) => offerRanges(part)));
  onBack((before) => {
    showState();
    if (urlState().hunt === before.hunt) refreshRuns(); // else the choice of the hunt does it
    showNarrowing();
  });
  showState();
  showNarrowing();
}
