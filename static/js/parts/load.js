// Load parameters: a file's order in the form, with what was taken and what runs first. Loaded when
// a file is chosen.

/** @import { LoadedParameters } from "./answers.d.ts" */

import { ApiError, messageOf, post } from "./api.js";
import { byId, make, setText, showMessage } from "./dom.js";
import { fillForm } from "./fill_form.js";
import { chosenModel, usePoints } from "./form.js";

const chooser = byId("load-file", HTMLInputElement);
const report = byId("load-report");
const said = byId("load-said");
const list = byId("load-list");
const buttons = ["load-again", "load-rest", "load-forget"].map((id) => byId(id));

/** @type {File | null} */
let file = null;

/**
 * @param {string} text
 * @param {string[]} lines
 * @param {string | null} next the id of the one button that goes on from there
 */
function show(text, lines, next) {
  report.hidden = false;
  setText(said, text);
  list.replaceChildren(...lines.map((line) => make("li", { text: line })));
  for (const button of buttons) button.hidden = button.id !== next;
  byId("load-which").hidden = next !== "load-again";
}

/** @param {LoadedParameters} found */
function showLoaded({ kind, order, taken, left_out }) {
  fillForm(order);
  const first = order.points?.length ?? 0;
  const runs = first === 0 ? "" : first === 1 ? " One point runs first." : ` ${first} points run first.`;
  show(`${file?.name}: ${kind}.${runs}`, [
    ...taken.map(({ name, becomes, value }) => `${name} → ${becomes} = ${JSON.stringify(value)}`),
    ...left_out.map(({ field, message }) => `left out: ${field}: ${message}`),
  ], first ? "load-forget" : null);
}

/** @param {boolean} ignoreUnknown */
async function load(ignoreUnknown) {
  if (!file) return;
  const run = byId("load-run", HTMLInputElement).value.trim();
  try {
    const text = await file.text();
    showLoaded(await post("/api/load-parameters", {
      text, run, model: chosenModel(), ignore_unknown: ignoreUnknown,
    }));
  } catch (error) {
    const errors = error instanceof ApiError ? error.errors : [];
    const lines = errors.map(({ field, message }) => `${field}: ${message}`);
    const text = lines.length ? `${file.name} is not loaded:` : `${file.name} ${messageOf(error)}`;
    const many = messageOf(error).includes("name the run");
    show(text, lines, many ? "load-again" : lines.length ? "load-rest" : null);
  }
}

/** Load the file that was chosen. */
export async function loadChosen() {
  file = chooser.files?.[0] ?? null;
  chooser.value = ""; // so that the same file can be chosen again
  await load(false);
}

byId("load-again").addEventListener("click", () => load(false));
byId("load-rest").addEventListener("click", () => load(true));
byId("load-forget").addEventListener("click", () => {
  usePoints([]);
  byId("load-forget").hidden = true;
  showMessage(said, "The points are left out; the other values stay.");
});
