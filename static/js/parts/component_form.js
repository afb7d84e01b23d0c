// A component's form, made from its manifest: a field for each run it wants and for each tunable.

/** @import { ComponentInfo, TunableInfo } from "./answers.d.ts" */

import { ApiError } from "./api.js";
import { make, showMessage } from "./dom.js";
import { helpMark } from "./help.js";
import { showTrouble } from "./offline.js";

/** @typedef {Pick<TunableInfo, "type" | "allowed"> & Partial<TunableInfo>} Wanted what a field takes */
/** @typedef {boolean | number | string | null} Value null where nothing was typed */
/** @typedef {{ name: string, box: HTMLElement, input: HTMLElement, error: HTMLElement, value: () => Value }} Field */

let made = 0; // ids must differ between the forms of a page

/**
 * A number where one is wanted and was typed, else the text: the hub says what is wrong with it.
 * @param {HTMLInputElement | HTMLSelectElement} input
 * @param {TunableInfo["type"]} type
 * @returns {Value}
 */
function valueOf(input, type) {
  if (input instanceof HTMLInputElement && type === "bool") return input.checked;
  const text = input.value.trim();
  if (text === "") return null;
  const value = Number(text);
  return type !== "str" && Number.isFinite(value) ? value : text;
}

/** @param {Wanted} wanted */
function control({ type, choices = [], default: initial, allowed }) {
  if (type === "bool") return make("input", { type: "checkbox", checked: initial === true });
  if (choices.length > 0) {
    const select = make("select", { children: choices.map((text) => make("option", { value: text, text })) });
    select.value = String(initial);
    return select;
  }
  const number = type === "int" || type === "float";
  const input = make("input", { type: "text", autocomplete: "off", title: allowed, value: String(initial ?? "") });
  if (number) input.inputMode = type === "int" ? "numeric" : "decimal";
  return input;
}

/**
 * @param {string} name
 * @param {string} label
 * @param {Wanted} wanted
 * @returns {Field}
 */
function field(name, label, wanted) {
  made += 1;
  const id = `component-field-${made}`;
  const input = Object.assign(control(wanted), { id, name });
  const note = make("p", { className: "note", id: `${id}-note`, text: wanted.allowed });
  const error = make("p", { className: "field-error", id: `${id}-error`, hidden: true });
  input.setAttribute("aria-describedby", `${note.id} ${error.id}`);
  const title = make("label", { htmlFor: id, text: label });
  const box = make("div", { className: "field", children: [title, helpMark(name, label), input, note, error] });
  return { name, box, input, error, value: () => valueOf(input, wanted.type) };
}

/** @param {ComponentInfo} component */
function fieldsOf(component) {
  const runs = component.inputs.filter(({ source }) => source !== "new").map(({ name }) =>
    field(name, "Run", { type: "str", allowed: "the uuid of a committed run" }));
  return [...runs, ...component.tunable_variables.map((each) => field(each.name, each.label, each))];
}

/**
 * @param {Field} each
 * @param {string} message
 */
function mark(each, message) {
  each.input.setAttribute("aria-invalid", String(Boolean(message)));
  showMessage(each.error, message);
}

/**
 * @param {Field[]} fields
 * @param {HTMLElement} general
 * @param {unknown} error
 */
function showErrors(fields, general, error) {
  const errors = error instanceof ApiError ? error.errors : [];
  if (errors.length === 0) return showTrouble(general, error);
  const elsewhere = [];
  for (const { field: name, message: text } of errors) {
    const named = fields.find((each) => each.name === name);
    if (named) mark(named, text);
    else elsewhere.push(`${name}: ${text}`);
  }
  showMessage(general, elsewhere.join(" "));
  fields.find(({ input }) => input.getAttribute("aria-invalid") === "true")?.input.focus();
}

/**
 * Make the form of a component.
 * @param {ComponentInfo} component
 * @param {(values: Record<string, Value>) => Promise<void>} run throws an ApiError
 */
export function formOf(component, run) {
  const fields = fieldsOf(component);
  const general = make("p", { className: "form-error", hidden: true });
  general.setAttribute("role", "alert");
  const button = make("button", { type: "submit", className: "primary", text: "Run" });
  const boxes = make("div", { className: "fields", children: fields.map(({ box }) => box) });
  const actions = make("div", { className: "actions", children: [button] });
  const form = make("form", { noValidate: true, children: [boxes, general, actions] });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fields.forEach((each) => mark(each, ""));
    showMessage(general, "");
    button.disabled = true;
    try {
      await run(Object.fromEntries(fields.map((each) => [each.name, each.value()])));
    } catch (error) {
      showErrors(fields, general, error);
    }
    button.disabled = false;
  });
  return form;
}

/**
 * Take `?component=NAME&run=UUID` of a link into that component's form.
 * @param {URLSearchParams} query
 */
export function fillForm(query) {
  const section = document.querySelector(`[data-component="${CSS.escape(query.get("component") ?? "")}"]`);
  const input = section?.querySelector("form input");
  if (!section || !(input instanceof HTMLInputElement)) return;
  const run = query.get("run");
  if (run) input.value = run;
  section.scrollIntoView({ block: "start" });
}
