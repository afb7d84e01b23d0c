// The hunt form: what was typed becomes the body of a start, what was wrong is marked at its field.

import { ApiError, post } from "./api.js";
import { allWithin, byId, showMessage, within } from "./dom.js";
import { showTrouble } from "./offline.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Input */
/**
 * @typedef {{
 *   name: string, box: HTMLElement, mode: HTMLSelectElement,
 *   inputs: Record<"low" | "high" | "value", HTMLInputElement>,
 * }} Parameter
 */

export const form = byId("hunt-form", HTMLFormElement);
export const fields = [...form.querySelectorAll("[data-field]")].filter(isInput);
export const parameters = allWithin(form, "[data-param]").map(parameterOf);

/** @type {Record<string, number>[]} */
let points = []; // that run first, from a file

/**
 * @param {Element} element
 * @returns {element is Input}
 */
function isInput(element) {
  return element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
}

/**
 * @param {HTMLElement} box
 * @returns {Parameter}
 */
function parameterOf(box) {
  /** @param {string} name */
  const input = (name) => within(box, `.${name}`, HTMLInputElement);
  return {
    name: box.dataset.param ?? "",
    box,
    mode: within(box, "select", HTMLSelectElement),
    inputs: { low: input("low"), high: input("high"), value: input("value") },
  };
}

/**
 * A list in brackets, or the text itself where it is none.
 * @param {string} text
 * @returns {unknown}
 */
function listOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * A number or a list where one was typed, else the text itself: the hub says what is wrong.
 * @param {Input} input
 */
function valueOf(input) {
  const text = input.value.trim();
  if (input instanceof HTMLSelectElement || text === "") return text;
  if (text.startsWith("[")) return listOf(text);
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** @param {Parameter} parameter */
const isSearched = ({ mode }) => mode.value === "searched";

/** @param {Parameter} parameter */
function shownInputs(parameter) {
  const { low, high, value } = parameter.inputs;
  return isSearched(parameter) ? [low, high] : [value];
}

/**
 * Whether a parameter stands as the settings have it.
 * @param {Parameter} parameter
 */
function isDefault(parameter) {
  const mode = [...parameter.mode.options].find((option) => option.defaultSelected);
  return parameter.mode.value === mode?.value
    && shownInputs(parameter).every((input) => input.value.trim() === input.defaultValue);
}

/** The order in the form, as it is asked for. */
export function order() {
  /** @type {Record<string, Record<string, unknown>>} */
  const parts = { simulation: {}, params: {} };
  /** @type {Record<string, unknown>} */
  const body = { ...parts };
  for (const input of fields) {
    const value = valueOf(input);
    if (value === "" || value === input.dataset.default) continue;
    const [outer, inner] = (input.dataset.field ?? "").split(".");
    if (inner) parts[outer][inner] = value;
    else body[outer] = value;
  }
  for (const parameter of parameters) {
    if (isDefault(parameter)) continue;
    const values = shownInputs(parameter).map(valueOf);
    parts.params[parameter.name] = isSearched(parameter) ? values : values[0];
  }
  if (points.length) body.points = points;
  return body;
}

/** @param {Record<string, number>[]} given the points that run first */
export function usePoints(given) {
  points = given;
}

/** The model that is chosen. */
export const chosenModel = () => byId("model", HTMLSelectElement).value;

/**
 * @param {Input[]} inputs
 * @param {string} id whose error element says it
 * @param {string} message
 */
function mark(inputs, id, message) {
  for (const input of inputs) input.setAttribute("aria-invalid", String(Boolean(message)));
  showMessage(byId(`${id}-error`), message);
}

/**
 * Mark what is wrong at its field; say whether there is such a field.
 * @param {string} name
 * @param {string} message
 */
function markField(name, message) {
  const input = fields.find(({ dataset: { field } }) => name === field || name.startsWith(`${field}.`));
  if (input) {
    mark([input], input.id, message);
    return true;
  }
  const parameter = parameters.find((each) => name === `params.${each.name}`);
  if (!parameter) return false;
  mark(shownInputs(parameter), parameter.box.id, message);
  return true;
}

/** @param {unknown} error */
function showErrors(error) {
  const errors = error instanceof ApiError ? error.errors : [];
  if (errors.length === 0) return showTrouble(byId("form-error"), error);
  const elsewhere = [];
  for (const { field, message } of errors) {
    if (!markField(field, message)) elsewhere.push(field ? `${field}: ${message}` : message);
  }
  showMessage(byId("form-error"), elsewhere.join(" "));
  const wrong = allWithin(form, '[aria-invalid="true"]');
  wrong.forEach((input) => input.closest("details")?.setAttribute("open", ""));
  wrong[0]?.focus();
}

export function clearErrors() {
  fields.forEach((input) => mark([input], input.id, ""));
  parameters.forEach(({ inputs, box }) => mark(Object.values(inputs), box.id, ""));
  showMessage(byId("form-error"), "");
}

/**
 * @param {string} path
 * @param {object} body
 * @param {() => Promise<void>} refresh
 */
async function send(path, body, refresh) {
  clearErrors();
  try {
    await post(path, body);
  } catch (error) {
    showErrors(error);
  }
  await refresh();
}

/** @param {Parameter} parameter */
export function showMode(parameter) {
  const searched = isSearched(parameter);
  parameter.inputs.low.hidden = parameter.inputs.high.hidden = !searched;
  parameter.inputs.value.hidden = searched;
}

/**
 * Wire the form and the buttons.
 * @param {() => Promise<void>} refresh polls the status at once
 */
export function setUpForm(refresh) {
  for (const parameter of parameters) {
    showMode(parameter);
    parameter.mode.addEventListener("change", () => showMode(parameter));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    byId("start-hunt-btn", HTMLButtonElement).disabled = true; // the next status gives it back
    send("/api/start-hunt", order(), refresh);
  });
  byId("queue-btn").addEventListener("click", () => send("/api/queue", order(), refresh));
  for (const button of allWithin(form, "[data-action]")) {
    button.addEventListener("click", () => send(`/api/${button.dataset.action}`, {}, refresh));
  }
}
