// Small helpers. Text from the hub enters the page through textContent alone.

/**
 * @template {Element} E
 * @typedef {new () => E} Kind the class of an element
 */

/**
 * @template {Element} E
 * @param {unknown} element
 * @param {Kind<E>} kind
 * @param {string} wanted
 * @returns {E}
 */
function checked(element, kind, wanted) {
  if (element instanceof kind) return element;
  throw new Error(`This page has no ${kind.name} ${wanted}.`);
}

/**
 * The element of an id; the script of a page relies on it.
 * @template {Element} [E=HTMLElement]
 * @param {string} id
 * @param {Kind<E>} [kind]
 * @returns {E}
 */
export const byId = (id, kind) =>
  checked(document.getElementById(id), kind ?? /** @type {Kind<any>} */ (HTMLElement), `#${id}`);

/**
 * The first element inside another that a selector finds; the script of a page relies on it.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {Kind<E>} [kind]
 * @returns {E}
 */
export const within = (parent, selector, kind) =>
  checked(parent.querySelector(selector), kind ?? /** @type {Kind<any>} */ (HTMLElement), selector);

/**
 * Every element inside another that a selector finds.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {Kind<E>} [kind]
 * @returns {E[]}
 */
export const allWithin = (parent, selector, kind) =>
  [...parent.querySelectorAll(selector)].map((element) =>
    checked(element, kind ?? /** @type {Kind<any>} */ (HTMLElement), selector));

/**
 * Make an element with text or children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Omit<Partial<HTMLElementTagNameMap[T]>, "children" | "text"> & {
 *   text?: string, className?: string, children?: (Node | string)[] }} [options]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, options) {
  const { text, className, children = [], ...properties } = options ?? {};
  const element = Object.assign(document.createElement(tag), properties);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

/**
 * Set text only when it differs, so that screen readers hear changes and nothing else.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Show a message in an element, or hide it when there is none.
 * @param {HTMLElement} element
 * @param {string | null} [text]
 */
export function showMessage(element, text) {
  setText(element, text ?? "");
  element.hidden = !text;
}

/** @param {string} uuid */
export const shortId = (uuid) => uuid.slice(0, 8);

/**
 * Six decimals, or powers of ten where six decimals would show zeros.
 * @param {number | null} [value]
 */
export function number(value) {
  if (value === null || value === undefined) return "-";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6 ? value.toExponential(3) : value.toFixed(6);
}

/**
 * A number as text for people, with its exact value for everybody else.
 * @param {number | null} [value]
 */
export function numberElement(value) {
  if (typeof value !== "number") return document.createTextNode(number(value));
  return make("data", { value: String(value), text: number(value) });
}

/**
 * Put a number into an element, unless it is there already.
 * @param {Element} element
 * @param {number | null} value
 */
export function setNumber(element, value) {
  if (element.textContent !== number(value)) element.replaceChildren(numberElement(value));
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * Let what changes the rows of a table keep the focus on the control of the same name.
 * @param {HTMLTableElement} table
 * @param {() => void} change
 */
export function keepingFocus(table, change) {
  const focused = document.activeElement;
  const name = table.contains(focused) ? focused?.getAttribute("aria-label") : null;
  change();
  /** @type {HTMLElement | null} */
  const again = name ? table.querySelector(`[aria-label="${CSS.escape(name)}"]`) : null;
  again?.focus();
}

/**
 * Copy text, say so on the button; without a clipboard select the element for Ctrl-C.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} element
 */
export async function copyText(button, element) {
  const label = button.dataset.label ??= button.textContent ?? "";
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    setText(button, "Copied");
  } catch {
    getSelection()?.selectAllChildren(element); // no clipboard without https
    setText(button, "Selected");
  }
  setTimeout(() => setText(button, label), 2000);
}

/**
 * Save a file.
 * @param {Blob} file
 * @param {string} name
 */
export function download(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The theme that is shown. */
export const theme = () => (getComputedStyle(document.documentElement).colorScheme === "light" ? "light" : "dark");
