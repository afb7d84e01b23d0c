// The verdict on a run: its word, what it rests on, and what there is not for the next word.

/** @import { Verdict } from "./answers.d.ts" */

import { byId, make, numberElement, setText, showMessage } from "./dom.js";

/**
 * @param {string} name
 * @param {number | null} value
 * @param {string} more
 */
const known = (name, value, more) => make("li", {
  children: [make("span", { className: "mono", text: `${name} ` }), numberElement(value), more],
});

/**
 * The numbers that a verdict may know, each with what it is of.
 * @param {Verdict} verdict
 * @returns {[string, number | null, string][]}
 */
function numbersOf(verdict) {
  const counts = Object.entries(verdict.n_null_hunts).map(([kind, n]) => `${n} ${kind}`).join(", ");
  return [
    ["p_position", verdict.p_position, " (pooled)"],
    ["p_hunt", verdict.p_hunt, ` (n: ${counts})`],
    ["p_flat", verdict.p_flat, ""],
    ["p_matched", verdict.p_matched, " (replicates; beside the verdict)"],
    ["p_lines", verdict.p_lines, " (pooled; beside the verdict)"],
    ["a95", verdict.a95, " (of the hunt, in units of the background)"],
    ["a_upper_limit", verdict.a_upper_limit, " (of the hunt, in units of the background)"],
  ];
}

/**
 * Put the word of a verdict onto a badge.
 * @param {HTMLElement} badge
 * @param {Verdict} verdict
 */
export function showWord(badge, verdict) {
  setText(badge, `Scientific verdict: ${verdict.scientific}`);
  badge.dataset.tone = verdict.scientific === "not reached" ? "idle" : "good";
}

/**
 * Put a verdict into words.
 * @param {Verdict | null} verdict
 */
export function showVerdict(verdict) {
  byId("verdict-words").hidden = !verdict;
  if (!verdict) return;
  setText(byId("verdict-scientific"), `Scientific: ${verdict.scientific}`);
  showMessage(byId("verdict-engineering"), verdict.engineering
    ? `Engineering: ${verdict.engineering_passed ? "passed" : "not passed"}; ${verdict.engineering}` : "");
  const numbers = numbersOf(verdict).filter(([, value]) => value !== null);
  byId("verdict-known").replaceChildren(...numbers.map((each) => known(...each)));
  const lead = verdict.scientific === "not reached" ? "Apart from the goals, what" : "What";
  showMessage(byId("verdict-missing"), verdict.missing.length
    ? `${lead} keeps it from confirmed: ${verdict.missing.join("; ")}.` : "");
}
