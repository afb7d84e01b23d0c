// The table of runs, paged, sorted and filtered by the hub, and the panel of one run.

import { get } from "./api.js";
import { byId, make, number, setText, shortId, showMessage } from "./dom.js";

const PER_PAGE = 15;
const query = { page: 1, sort: "generation", order: "desc" };
const filter = byId("runs-filter");
const table = byId("runs-table");

function address() {
  const filters = Object.fromEntries(new FormData(filter));
  return `/api/runs?${new URLSearchParams({ ...query, ...filters, per_page: PER_PAGE })}`;
}

/** A failed run has no metrics: its reason takes their room. */
function stateCell(run) {
  const failed = run.state !== "COMPLETE";
  const cell = make("td", { className: "state", text: run.reason ?? "complete", colSpan: failed ? 3 : 1 });
  cell.dataset.tone = failed ? "bad" : "good";
  return cell;
}

const numberCell = (value, minor = false) =>
  make("td", { text: number(value), className: `num mono${minor ? " minor" : ""}` });

function row(run, best) {
  const open = make("button", { type: "button", className: "link mono", text: shortId(run.job_uuid) });
  open.setAttribute("aria-label", `Open run ${run.job_uuid}`);
  open.addEventListener("click", () => openRun(run.job_uuid));
  const first = make("td", { children: [open] });
  if (run.job_uuid === best) first.append(make("span", { className: "best", text: "best" }));
  const place = make("td", { className: "num mono", text: `${run.generation}.${run.index}` });
  const cells = [first, place, stateCell(run)];
  if (run.state === "COMPLETE") {
    cells.push(numberCell(run.log_prime_sse), numberCell(run.sdg_h_norm_l2));
  }
  cells.push(numberCell(run.fitness, true));
  cells.push(make("td", { className: "num mono minor", text: run.seconds.toFixed(1) }));
  return make("tr", { children: cells });
}

function showPage(page) {
  query.page = Math.min(page.page, page.pages);
  table.tBodies[0].replaceChildren(...page.runs.map((run) => row(run, page.summary.best_run)));
  table.hidden = page.runs.length === 0;
  byId("runs-empty").hidden = page.runs.length > 0;
  setText(byId("runs-count"), page.total ? String(page.total) : "");
  setText(byId("page-text"), `${query.page} / ${page.pages}`);
  byId("prev-page").disabled = query.page <= 1;
  byId("next-page").disabled = query.page >= page.pages;
  setText(byId("best-sse"), number(page.summary.best_sse));
  setText(byId("best-h-norm"), number(page.summary.best_h_norm));
}

function showSorting() {
  for (const button of table.querySelectorAll("[data-sort]")) {
    const sorted = button.dataset.sort === query.sort;
    const order = query.order === "asc" ? "ascending" : "descending";
    button.closest("th").setAttribute("aria-sort", sorted ? order : "none");
  }
}

/** Ask for the table anew. A failed request leaves it as it is: the status says so already. */
export async function refreshRuns() {
  const focused = table.contains(document.activeElement)
    ? document.activeElement.getAttribute("aria-label") : null;
  try {
    showPage(await get(address()));
  } catch (error) {
    if (error.status !== 0) setText(byId("page-text"), error.message);
  }
  if (focused) table.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
}

/** Seven digits and no trailing zeros. */
const brief = (value) => (typeof value === "number" ? String(Number(value.toPrecision(7))) : String(value ?? "-"));

function facts(title, values) {
  const entries = Object.entries(values).map(([name, value]) =>
    make("div", {
      children: [
        make("dt", { text: name }),
        make("dd", { className: "mono", text: brief(value) }),
      ],
    }),
  );
  return make("div", {
    children: [make("h4", { text: title }), make("dl", { className: "pairs", children: entries })],
  });
}

function showRun(run) {
  setText(byId("run-panel-title"), run.job_uuid);
  showMessage(byId("run-error"), run.error && `${run.error.reason}: ${run.error.message}`);
  const about = {
    state: run.state, generation: run.generation, index: run.index, model: run.model,
    global_seed: run.global_seed, fitness: run.fitness, verdict: run.verdict?.scientific,
  };
  byId("run-facts").replaceChildren(
    facts("Run", about), ...(run.metrics ? [facts("Metrics", run.metrics)] : []),
    facts("Parameters", run.sncgl_params), facts("Simulation", run.simulation),
  );
  const base = `/api/runs/${encodeURIComponent(run.job_uuid)}`;
  const links = [make("a", { href: base, text: "Record (JSON)" })];
  if (run.has_artifact) links.push(make("a", { href: `${base}/artifact`, text: "Fields (HDF5)" }));
  const gone = run.artifact_removed;
  if (gone) links.push(make("span", { className: "note", text: `Fields removed by policy: ${gone}` }));
  byId("run-links").replaceChildren(...links);
}

/** Open the panel of a run and move there. */
export async function openRun(uuid) {
  try {
    showRun(await get(`/api/runs/${encodeURIComponent(uuid)}`));
  } catch (error) {
    setText(byId("run-panel-title"), uuid);
    showMessage(byId("run-error"), error.message);
    byId("run-facts").replaceChildren();
    byId("run-links").replaceChildren();
  }
  const panel = byId("run-panel");
  panel.hidden = false;
  panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function turnTo(change) {
  Object.assign(query, change);
  showSorting();
  return refreshRuns();
}

export function setUpRuns() {
  for (const button of table.querySelectorAll("[data-sort]")) {
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
  byId("run-close").addEventListener("click", () => {
    byId("run-panel").hidden = true;
    byId("runs-title").scrollIntoView({ block: "nearest" });
  });
  showSorting();
}
