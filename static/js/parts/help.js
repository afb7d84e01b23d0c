// A help mark beside a name that a script writes; the page brings its explanation (irer/web/help.py).

import { make } from "./dom.js";

/**
 * The mark of a metric, parameter or chart; nothing where the page does not explain it.
 * @param {string} name
 * @param {string} [label] what a screen reader calls it
 */
export function helpMark(name, label = name) {
  const id = `help-${name}`;
  if (!document.getElementById(id)) return "";
  const mark = make("button", { type: "button", className: "help", ariaLabel: `Help: ${label}` });
  mark.setAttribute("popovertarget", id);
  return mark;
}
