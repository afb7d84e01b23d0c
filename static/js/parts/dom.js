// Small helpers. Text from the hub enters the page through textContent alone.

export const byId = (id) => document.getElementById(id);

/** Make an element with text or children. */
export function make(tag, { text, className, children = [], ...properties } = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

/** Set text only when it differs, so that screen readers hear changes and nothing else. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show a message in an element, or hide it when there is none. */
export function showMessage(element, text) {
  setText(element, text ?? "");
  element.hidden = !text;
}

export const shortId = (uuid) => uuid.slice(0, 8);

/** Six decimals, or powers of ten where six decimals would show zeros. */
export function number(value) {
  if (value === null || value === undefined) return "-";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6 ? value.toExponential(3) : value.toFixed(6);
}

/** A number as text for people, with its exact value for everybody else. */
export function numberElement(value) {
  if (typeof value !== "number") return document.createTextNode(number(value));
  return make("data", { value: String(value), text: number(value) });
}

/** Put a number into an element, unless it is there already. */
export function setNumber(element, value) {
  if (element.textContent !== number(value)) element.replaceChildren(numberElement(value));
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Copy text, say so on the button; without a clipboard select the element for Ctrl-C. */
export async function copyText(button, element) {
  const label = button.dataset.label ??= button.textContent;
  try {
    await navigator.clipboard.writeText(element.textContent);
    setText(button, "Copied");
  } catch {
    getSelection().selectAllChildren(element); // no clipboard without https
    setText(button, "Selected");
  }
  setTimeout(() => setText(button, label), 2000);
}
