// The hunt form: what was typed becomes the body of a start, what was wrong is marked at its field.

import { post } from "./api.js";
import { byId, showMessage } from "./dom.js";

const form = byId("hunt-form");
const fields = [...form.querySelectorAll("[data-field]")];

/** A number where one was typed, else the text itself: the hub says what is wrong with it. */
function valueOf(input) {
  const text = input.value.trim();
  if (input.tagName === "SELECT" || text === "") return text;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

function order() {
  const body = { simulation: {} };
  for (const input of fields) {
    const value = valueOf(input);
    if (value === "") continue;
    const [outer, inner] = input.dataset.field.split(".");
    if (inner) body[outer][inner] = value;
    else body[outer] = value;
  }
  return body;
}

function mark(input, message) {
  input.setAttribute("aria-invalid", String(Boolean(message)));
  showMessage(byId(`${input.id}-error`), message);
}

function showErrors(error) {
  const elsewhere = [];
  for (const { field, message } of error.errors) {
    const input = fields.find((each) => each.dataset.field === field);
    if (input) mark(input, message);
    else elsewhere.push(field ? `${field}: ${message}` : message);
  }
  if (error.errors.length === 0) elsewhere.push(error.message);
  showMessage(byId("form-error"), elsewhere.join(" "));
  fields.find((input) => input.getAttribute("aria-invalid") === "true")?.focus();
}

function clearErrors() {
  fields.forEach((input) => mark(input, ""));
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

/** Wire the form and the buttons; `refresh` polls the status at once. */
export function setUpForm(refresh) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    byId("start-hunt-btn").disabled = true; // the next status gives it back
    send("/api/start-hunt", order(), refresh);
  });
  for (const button of form.querySelectorAll("[data-action]")) {
    button.addEventListener("click", () => send(`/api/${button.dataset.action}`, {}, refresh));
  }
}
