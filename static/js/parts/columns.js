// The choice of the columns of numbers in the table of runs; loaded when it is opened.

import { runNumbers } from "./constants.js";
import { byId, make } from "./dom.js";
import { turnTo } from "./runs.js";
import { listed, onBack, urlState } from "./url_state.js";

const chosen = () => listed("columns");

/**
 * @param {string} name
 * @param {boolean} on
 */
function choose(name, on) {
  const others = chosen().filter((each) => each !== name);
  turnTo({ columns: [...others, ...(on ? [name] : [])].join() || "none", page: urlState().page });
}

/**
 * Fill the choice: a tick a column; a new one comes last.
 * @param {HTMLElement} part
 */
export function offerColumns(part) {
  const boxes = runNumbers().map((name) => {
    const box = make("input", { type: "checkbox", name });
    box.addEventListener("change", () => choose(name, box.checked));
    return box;
  });
  const show = () => boxes.forEach((box) => { box.checked = chosen().includes(box.name); });
  const usual = make("button", { type: "button", className: "quiet", text: "The usual ones" });
  usual.addEventListener("click", () => {
    turnTo({ columns: byId("runs-table").dataset.shown, page: urlState().page });
    show();
  });
  part.append(
    make("div", {
      className: "names",
      children: boxes.map((box) => make("label", { className: "check mono", children: [box, box.name] })),
    }),
    usual,
  );
  onBack(show);
  show();
}
