// The hunt form: what was typed becomes the body of a start, what was wrong is marked at its field.

import { post } from "./api.js";
import { byId, showMessage } from "./dom.js";
import { showTrouble } from "./offline.js";

const form = byId("hunt-form");
const fields = [...form.querySelectorAll("[data-field]")];
const parameters = [...form.querySelectorAll("[data-param]")].map((box) => ({
  name: box.dataset.param,
  box,
  mode: box.querySelector("select"),
  inputs: Object.fromEntries(["low", "high", "value"].map((name) => [name, box.querySelector(`.${name}`)])),
}));

/** A list in brackets, or the text itself where it is none. */
function listOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A number or a list where one was typed, else the text itself: the hub says what is wrong. */
function valueOf(input) {
  const text = input.value.trim();
  if (input.tagName === "SELECT" || text === "") return text;
  if (text.startsWith("[")) return listOf(text);
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

const isSearched = ({ mode }) => mode.value === "searched";

function shownInputs(parameter) {
  const { low, high, value } = parameter.inputs;
  return isSearched(parameter) ? [low, high] : [value];
}

/** Whether a parameter stands as the settings have it. */
function isDefault(parameter) {
  const mode = [...parameter.mode.options].find((option) => option.defaultSelected);
  return parameter.mode.value === mode.value
    && shownInputs(parameter).every((input) => input.value.trim() === input.defaultValue);
}

function order() {
  const body = { simulation: {}, params: {} };
  for (const input of fields) {
    const value = valueOf(input);
    if (value === "" || value === input.dataset.default) continue;
    const [outer, inner] = input.dataset.field.split(".");
    if (inner) body[outer][inner] = value;
    else body[outer] = value;
  }
  for (const parameter of parameters) {
    if (isDefault(parameter)) continue;
    const values = shownInputs(parameter).map(valueOf);
    body.params[parameter.name] = isSearched(parameter) ? values : values[0];
  }
  return body;
}

function mark(inputs, place, message) {
  for (const input of inputs) input.setAttribute("aria-invalid", String(Boolean(message)));
  showMessage(byId(`${place}-error`), message);
}

/** Mark what is wrong at its field; say whether there is such a field. */
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

function showErrors(error) {
  if (error.errors.length === 0) return showTrouble(byId("form-error"), error);
  const elsewhere = [];
  for (const { field, message } of error.errors) {
    if (!markField(field, message)) elsewhere.push(field ? `${field}: ${message}` : message);
  }
  showMessage(byId("form-error"), elsewhere.join(" "));
  const wrong = [...form.querySelectorAll('[aria-invalid="true"]')];
  wrong.forEach((input) => input.closest("details")?.setAttribute("open", ""));
  wrong[0]?.focus();
}

function clearErrors() {
  fields.forEach((input) => mark([input], input.id, ""));
  parameters.forEach(({ inputs, box }) => mark(Object.values(inputs), box.id, ""));
  showMessage(byId("form-error"), "");
}

async function send(path, body, refresh) {
  clearErrors();
  try {
    await post(path, body);
  } catch (error) {
    showErrors(error);
  }
  await refresh();
}

function showMode(parameter) {
  const searched = isSearched(parameter);
  parameter.inputs.low.hidden = parameter.inputs.high.hidden = !searched;
  parameter.inputs.value.hidden = searched;
}

/** Wire the form and the buttons; `refresh` polls the status at once. */
export function setUpForm(refresh) {
  for (const parameter of parameters) {
    showMode(parameter);
    parameter.mode.addEventListener("change", () => showMode(parameter));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    byId("start-hunt-btn").disabled = true; // the next status gives it back
    send("/api/start-hunt", order(), refresh);
  });
  for (const button of form.querySelectorAll("[data-action]")) {
    button.addEventListener("click", () => send(`/api/${button.dataset.action}`, {}, refresh));
  }
}
