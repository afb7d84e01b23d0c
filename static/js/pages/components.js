// The components page: forms made from the manifests, runs with their live state, log and outputs.

/**
 * @import {
 *   ComponentInfo, ComponentRunList, ComponentRunState, Components, Layer2Status, ManifestProblem,
 * } from "../parts/answers.d.ts"
 */

import { at } from "../parts/address.js";
import { POLL_MS, STILL_TRYING, get, messageOf, post, statusOf } from "../parts/api.js";
import { fillForm, formOf } from "../parts/component_form.js";
import { byId, keepingFocus, make, setText, shortId, showMessage, within } from "../parts/dom.js";
import { showTrouble } from "../parts/offline.js";

/** @type {Record<ComponentRunState["state"], string>} */
const TONES = { running: "", done: "good", failed: "bad", interrupted: "bad", cancelled: "warn" };
let shownComponents = ""; // what the forms were made from: they are made anew only when it changes
/** @type {string | null} */
let opened = null; // the run in the panel
/** @type {number | undefined} */
let timer;

/** @param {string} uuid */
const runPath = (uuid, rest = "") => `/api/component-runs/${encodeURIComponent(uuid)}${rest}`;

/**
 * @param {string} name
 * @param {string} rest
 */
const namePath = (name, rest) => `/api/components/${encodeURIComponent(name)}/${rest}`;

/** @param {ComponentInfo} component */
function heading(component) {
  const title = make("h2", { text: component.name, id: `title-${slug(component.name)}` });
  title.append(" ", make("span", { className: "version note", text: component.version }));
  return title;
}

/** @param {string} name */
const slug = (name) => name.replaceAll(/[^A-Za-z0-9]+/g, "-");

/** @param {ComponentInfo} component */
function card(component) {
  const parts = [heading(component), make("p", { className: "note", text: component.description })];
  const form = formOf(component, async (values) => {
    /** @type {ComponentRunState} */
    const run = await post(namePath(component.name, "run"), values);
    await openRun(run.run_uuid);
    await poll();
  });
  const section = make("section", { className: "card", children: [...parts, form] });
  section.setAttribute("aria-labelledby", `title-${slug(component.name)}`);
  section.dataset.component = component.name;
  if (component.trigger) section.append(triggerSwitch(component));
  return section;
}

/** @param {ComponentInfo} component */
function triggerSwitch(component) {
  const box = make("input", { type: "checkbox", name: "trigger" });
  const label = make("label", { className: "check", children: [box, "Run it on every new run"] });
  const error = make("p", { className: "form-error", hidden: true });
  box.addEventListener("change", async () => {
    try {
      await post(namePath(component.name, "trigger"), { on: box.checked });
      showMessage(error, "");
    } catch (problem) {
      showTrouble(error, problem);
    }
    await poll();
  });
  return make("div", { className: "trigger", children: [label, make("span", { className: "note counts" }), error] });
}

/**
 * The section of a component on the page.
 * @param {string} name
 */
const sectionOf = (name) => document.querySelector(`[data-component="${CSS.escape(name)}"]`);

/** @param {ComponentInfo[]} components */
function showTriggers(components) {
  for (const { name, trigger } of components) {
    const section = sectionOf(name);
    if (!trigger || !section) continue;
    within(section, "[name=trigger]", HTMLInputElement).checked = trigger.on;
    const counts = `${trigger.done} done, ${trigger.failed} failed since the hub started`;
    setText(within(section, ".counts"), counts);
  }
}

/** @param {ManifestProblem[]} problems */
function showProblems(problems) {
  byId("problems").hidden = problems.length === 0;
  byId("problem-rows").replaceChildren(
    ...problems.map(({ file, field, message }) =>
      make("tr", { children: [file, field, message].map((text) => make("td", { className: "wrap", text })) })),
  );
}

/** @param {Components} found */
function showComponents({ components, problems, layer2 }) {
  const described = JSON.stringify(components.map(({ trigger, ...rest }) => [rest, Boolean(trigger)]));
  if (described !== shownComponents) {
    shownComponents = described;
    byId("components").replaceChildren(...components.map(card));
    byId("components-empty").hidden = components.length > 0;
  }
  showTriggers(components);
  showProblems(problems);
  showLayer2(layer2, components.some(({ trigger }) => trigger));
}

/**
 * @param {Layer2Status} status
 * @param {boolean} any whether there is a component that can run on every new run
 */
function showLayer2({ waiting, skipped, failures }, any) {
  byId("layer2").hidden = !any;
  setText(byId("layer2-text"), `${waiting} waiting, ${skipped} dropped because they came too fast`);
  byId("layer2-failures").replaceChildren(
    ...failures.map(({ component, job_uuid, message }) =>
      make("li", { text: `${component} on ${shortId(job_uuid)}: ${message}` })),
  );
}

/** @param {ComponentRunState} run */
function runRow(run) {
  const open = make("button", { type: "button", className: "link mono", text: shortId(run.run_uuid) });
  open.setAttribute("aria-label", `Open run ${run.run_uuid}`);
  open.addEventListener("click", () => openRun(run.run_uuid));
  const state = make("td", { className: "state", text: run.state });
  state.dataset.tone = TONES[run.state];
  const begun = new Date(run.started_at * 1000).toLocaleString();
  const cells = [make("td", { children: [open] }), make("td", { className: "wrap", text: run.component })];
  return make("tr", { children: [...cells, state, make("td", { className: "mono", text: begun })] });
}

/** @param {ComponentRunList} list */
function showRuns({ runs }) {
  const table = byId("component-runs", HTMLTableElement);
  keepingFocus(table, () => table.tBodies[0].replaceChildren(...runs.map(runRow)));
  table.hidden = runs.length === 0;
  byId("component-runs-empty").hidden = runs.length > 0;
}

/** @param {ComponentRunState} run */
function showOutputs(run) {
  const links = run.outputs.map(({ name, there }) =>
    there ? make("a", { href: at(runPath(run.run_uuid, `/outputs/${name}`)), text: name })
      : make("span", { className: "note", text: `${name}: not there` }));
  byId("component-run-outputs").replaceChildren(...links);
}

async function refreshPanel() {
  if (!opened) return;
  /** @type {[ComponentRunState, string]} */
  const [run, log] = await Promise.all([get(runPath(opened)), readLog(opened)]);
  setText(byId("component-run-title"), `${run.component} ${run.run_uuid}`);
  setText(byId("component-run-state"), run.state);
  byId("component-run-state").dataset.tone = TONES[run.state];
  showMessage(byId("component-run-message"), run.message);
  setText(byId("component-run-command"), run.command);
  setText(byId("component-run-log"), log || "Nothing printed yet.");
  byId("component-run-cancel").hidden = run.state !== "running";
  showOutputs(run);
}

/**
 * The end of the log as the last carriage return of each line left it.
 * @param {string} uuid
 */
async function readLog(uuid) {
  const answer = await fetch(at(runPath(uuid, "/log")));
  const text = answer.ok ? await answer.text() : "";
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\n]*\r(?=[^\n])/g, "");
}

/** @param {string} uuid */
async function openRun(uuid) {
  opened = uuid;
  const panel = byId("component-run");
  panel.hidden = false;
  await refreshPanel();
  panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

async function poll() {
  clearTimeout(timer);
  try {
    /** @type {[Components, ComponentRunList]} */
    const [found, runs] = await Promise.all([get("/api/components"), get("/api/component-runs")]);
    showComponents(found);
    showRuns(runs);
    await refreshPanel();
    showMessage(byId("offline-banner"), "");
  } catch (error) {
    showMessage(byId("offline-banner"), statusOf(error) === 0 ? STILL_TRYING : messageOf(error));
  }
  timer = setTimeout(poll, POLL_MS);
}

byId("component-run-close").addEventListener("click", () => {
  opened = null;
  byId("component-run").hidden = true;
});
byId("component-run-cancel").addEventListener("click", async () => {
  if (opened) await post(runPath(opened, "/cancel")).catch(() => null); // it has ended: the poll shows it
  await poll();
});
await poll();
fillForm(new URLSearchParams(location.search));
