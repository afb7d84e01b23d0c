// The table of runs, paged, sorted and filtered by the hub; some can be ticked to be compared.

/** @import { RunRow, RunsPage } from "./answers.d.ts" */

import { at } from "./address.js";
import { get, messageOf, statusOf } from "./api.js";
import { CONSTANTS } from "./constants.js";
import { allWithin, byId, keepingFocus, make, numberElement, setText, shortId } from "./dom.js";
import { editNote } from "./notes.js";

const PER_PAGE = 15;
const query = { page: 1, sort: "generation", order: "desc", hunt: "current" };
const filter = byId("runs-filter", HTMLFormElement);
const table = byId("runs-table", HTMLTableElement);
/** @type {Set<string>} */
const ticked = new Set();

/**
 * What the filter says.
 * @returns {Record<string, string>}
 */
const filtered = () =>
  Object.fromEntries([...new FormData(filter)].map(([name, value]) => [name, String(value)]));

function address() {
  const { page, ...asked } = query;
  const all = { page: String(page), ...asked, ...filtered(), per_page: String(PER_PAGE) };
  return `/api/runs?${new URLSearchParams(all)}`;
}

/** @param {RunRow} run */
const wordOf = (run) => run.reason ?? run.no_score?.replaceAll("_", " ") ?? "complete";

/**
 * A failed run has no metrics: its reason takes their room.
 * @param {RunRow} run
 */
function stateCell(run) {
  const failed = run.state !== "COMPLETE";
  const cell = make("td", { className: "state", text: wordOf(run), colSpan: failed ? 3 : 1 });
  cell.dataset.tone = failed ? "bad" : run.no_score ? "idle" : "good";
  return cell;
}

/**
 * @param {number | null} value
 * @param {boolean} [minor] left out where there is little width
 */
const numberCell = (value, minor = false) =>
  make("td", { className: `num mono${minor ? " minor" : ""}`, children: [numberElement(value)] });

/** @param {number} value */
const secondsCell = (value) => make("td", {
  className: "num mono minor", children: [make("data", { value: String(value), text: value.toFixed(2) })],
});

function showCompare() {
  const button = byId("compare-btn", HTMLButtonElement);
  setText(button, ticked.size ? `Compare ${ticked.size}` : "Compare");
  button.disabled = ticked.size < 2;
  for (const box of allWithin(table, "input[type=checkbox]", HTMLInputElement)) {
    box.disabled = !box.checked && ticked.size >= CONSTANTS.most_compared;
  }
}

/** @param {RunRow} run */
function tickCell(run) {
  const box = make("input", { type: "checkbox", checked: ticked.has(run.job_uuid) });
  box.setAttribute("aria-label", `Compare run ${run.job_uuid}`);
  box.addEventListener("change", () => {
    if (box.checked) ticked.add(run.job_uuid);
    else ticked.delete(run.job_uuid);
    showCompare();
  });
  return make("td", { className: "tick", children: [box] });
}

/** @param {RunRow} run */
function noteCell(run) {
  const button = make("button", { type: "button", className: "link note-btn", text: run.note || "Add" });
  button.setAttribute("aria-label", run.note ? `${run.note}: note on run ${run.job_uuid}` : `Add a note on run ${run.job_uuid}`);
  if (!run.note) button.classList.add("none");
  button.addEventListener("click", () => editNote(run));
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
  const cells = [tickCell(run), first, place, stateCell(run)];
  if (run.state === "COMPLETE") {
    cells.push(numberCell(run.log_prime_sse), numberCell(run.sdg_h_norm_l2));
  }
  cells.push(numberCell(run.fitness, true), secondsCell(run.seconds), noteCell(run));
  return make("tr", { children: cells });
}

/** @param {RunsPage} page */
function showPage(page) {
  query.page = Math.min(page.page, page.pages);
  table.tBodies[0].replaceChildren(...page.runs.map(row));
  table.hidden = page.runs.length === 0;
  byId("runs-empty").hidden = page.runs.length > 0;
  setText(byId("runs-empty"), isFiltered() ? "No run passes the filter." : "No runs yet.");
  setText(byId("runs-count"), page.total ? String(page.total) : "");
  setText(byId("page-text"), `${query.page} / ${page.pages}`);
  byId("prev-page", HTMLButtonElement).disabled = query.page <= 1;
  byId("next-page", HTMLButtonElement).disabled = query.page >= page.pages;
  showCompare();
}

const isFiltered = () => {
  const { state, hidden, search } = filtered();
  return state !== "all" || hidden !== "no" || search !== "";
};

const sortButtons = () => allWithin(table, "[data-sort]", HTMLButtonElement);

function showSorting() {
  for (const button of sortButtons()) {
    const sorted = button.dataset.sort === query.sort;
    const order = query.order === "asc" ? "ascending" : "descending";
    button.closest("th")?.setAttribute("aria-sort", sorted ? order : "none");
  }
}

let asked = 0; // questions so far: only the last one's answer is shown

/** Ask for the table anew. A failed request leaves it as it is: the status says so already. */
export async function refreshRuns() {
  const mine = ++asked;
  try {
    /** @type {RunsPage} */
    const page = await get(address());
    if (mine === asked) keepingFocus(table, () => showPage(page)); // else a later question is on its way
  } catch (error) {
    if (statusOf(error) !== 0 && mine === asked) setText(byId("page-text"), messageOf(error));
  }
}

/** @param {Partial<typeof query>} change */
function turnTo(change) {
  Object.assign(query, change);
  showSorting();
  return refreshRuns();
}

/**
 * Show the runs of another hunt.
 * @param {string} hunt `current`, `all` or an id
 */
export const showRunsOf = (hunt) => turnTo({ page: 1, hunt });

export function setUpRuns() {
  for (const button of sortButtons()) {
    button.addEventListener("click", () => {
      const sort = button.dataset.sort;
      const flipped = query.order === "asc" ? "desc" : "asc";
      turnTo({ page: 1, sort, order: sort === query.sort ? flipped : "asc" });
    });
  }
  filter.addEventListener("input", () => turnTo({ page: 1 }));
  filter.addEventListener("submit", (event) => event.preventDefault());
  byId("prev-page").addEventListener("click", () => turnTo({ page: query.page - 1 }));
  byId("next-page").addEventListener("click", () => turnTo({ page: query.page + 1 }));
  byId("compare-btn").addEventListener("click", () => {
    location.href = at(`/compare?${new URLSearchParams([...ticked].map((uuid) => ["run", uuid]))}`);
  });
  showSorting();
}
