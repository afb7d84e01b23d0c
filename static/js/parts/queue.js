// The queue of hunts: what waits, in its order, and what holds it. Loaded when something waits.

/** @import { Queue, QueueEntry } from "./answers.d.ts" */

import { get, post } from "./api.js";
import { byId, duration, keepingFocus, make, setText, shortId, showMessage } from "./dom.js";
import { fillForm } from "./fill_form.js";
import { showTrouble } from "./offline.js";

const table = byId("queue-table", HTMLTableElement);
const trouble = byId("queue-error");
const PARTS = ["simulation", "params"]; // of an order
const COUNTS = ["num_generations", "population_size"]; // said together

/** @param {QueueEntry} hunt */
function wordsOf({ order, time }) {
  /** @type {[string, any][]} */
  const asked = Object.entries(order).flatMap(([name, value]) => (PARTS.includes(name)
    ? Object.entries(/** @type {object} */ (value)) : /** @type {[string, any][]} */ ([[name, value]])));
  const words = asked.filter(([name]) => !COUNTS.includes(name))
    .map(([name, value]) => `${name} ${name === "points" ? value.length : JSON.stringify(value)}`);
  return [time ? `${time.jobs} runs` : "", ...words].filter(Boolean).join(", ");
}

/** @param {QueueEntry} hunt */
const timeOf = ({ time }) => (time?.seconds ? `about ${duration(time.seconds)}` : "not known");

/**
 * Ask for a change, and show the queue that it leaves.
 * @param {string} path
 * @param {object} [body]
 */
async function change(path, body) {
  showMessage(trouble, "");
  try {
    show(await post(`/api/queue/${path}`, body));
  } catch (error) {
    await refreshQueue(); // it may have changed meanwhile
    showTrouble(trouble, error);
  }
}

/**
 * @param {string} text
 * @param {string} huntId
 * @param {() => unknown} act
 * @param {boolean} [possible]
 */
function button(text, huntId, act, possible = true) {
  const element = make("button", { type: "button", className: "link", text, disabled: !possible });
  element.setAttribute("aria-label", `${text}: queued hunt ${huntId}`);
  element.addEventListener("click", act);
  return element;
}

/**
 * @param {QueueEntry} hunt
 * @param {number} place
 * @param {QueueEntry[]} hunts
 */
function row(hunt, place, hunts) {
  const path = encodeURIComponent(hunt.hunt_id);
  const buttons = [
    button("Up", hunt.hunt_id, () => change(`${path}/move`, { by: -1 }), place > 0),
    button("Down", hunt.hunt_id, () => change(`${path}/move`, { by: 1 }), place < hunts.length - 1),
    button("Remove", hunt.hunt_id, () => change(`${path}/remove`)),
    button("Clone", hunt.hunt_id, () => { fillForm(hunt.order); byId("queue-btn").focus(); }),
  ];
  const said = hunt.problem
    ? [make("span", { className: "reason", text: `Set aside: ${hunt.problem}` })] : [timeOf(hunt)];
  return make("tr", {
    children: [
      make("td", { className: "mono", text: shortId(hunt.hunt_id) }),
      make("td", { className: "words", text: wordsOf(hunt) }),
      make("td", { className: "words", children: said }),
      make("td", { className: "words", children: buttons.flatMap((each) => [each, " "]) }),
    ],
  });
}

/** @param {Queue} queue */
function show({ hunts, held }) {
  const focused = document.activeElement?.getAttribute("aria-label") ?? "";
  keepingFocus(table, () => table.tBodies[0].replaceChildren(...hunts.map(row)));
  keepNear(focused);
  table.hidden = hunts.length === 0;
  byId("queue-empty").hidden = hunts.length > 0;
  setText(byId("queue-count"), hunts.length ? String(hunts.length) : "");
  const waits = hunts.some((hunt) => hunt.problem === null);
  byId("queue-go-on").hidden = !held || !waits;
  byId("queue-clear").hidden = hunts.length === 0;
  showMessage(byId("queue-held"), held && hunts.length
    ? `The queue is held: ${held}. It goes on when a hunt is resumed or started, or when you say so here.` : "");
}

/**
 * A button at the end of its way is disabled and loses the focus: its neighbour takes it.
 * @param {string} label
 */
function keepNear(label) {
  if (document.activeElement !== document.body || !/^(Up|Down|Remove): queued/.test(label)) return;
  const other = label.replace(/^Up|^Down/, (word) => (word === "Up" ? "Down" : "Up"));
  /** @type {HTMLElement | null} */
  const near = table.querySelector(`[aria-label="${CSS.escape(other)}"]:enabled`)
    ?? table.querySelector("button:enabled") ?? byId("queue-btn");
  near?.focus();
}

/** Ask for the queue and show it. */
export async function refreshQueue() {
  try {
    show(await get("/api/queue"));
  } catch (error) {
    showTrouble(trouble, error);
  }
}

byId("queue-go-on").addEventListener("click", () => change("go-on"));
byId("queue-clear").addEventListener("click", () => change("clear"));
