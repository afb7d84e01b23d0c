// What fills the hunt form: the order of an earlier hunt, of the queue or of a file. Loaded with the
// first of them.

/** @import { HuntPlan, StartBody } from "./answers.d.ts" */
/** @import { Input, Parameter } from "./form.js" */

import { byId } from "./dom.js";
import { clearErrors, fields, form, parameters, showMode, usePoints } from "./form.js";

/** @typedef {Partial<Record<"simulation" | "params", Record<string, unknown>>> & Partial<StartBody>} Changes */

/**
 * Show an order in the form: what it leaves open stands as the settings have it.
 * @param {Partial<StartBody>} given
 */
export function fillForm(given) {
  clearErrors();
  const { simulation, params } = given;
  const flat = { ...given, ...under("simulation", simulation) };
  for (const input of fields) {
    const value = new Map(Object.entries(flat)).get(input.dataset.field ?? "");
    if (value === undefined || value === null) input.value = standardOf(input);
    else input.value = typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  for (const parameter of parameters) showParameter(parameter, params?.[parameter.name]);
  usePoints(given.points ?? []);
  form.dispatchEvent(new Event("change")); // as if it had been typed
}

/**
 * @param {string} part
 * @param {object | null | undefined} values
 */
const under = (part, values) =>
  Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [`${part}.${name}`, value]));

/**
 * What stands in a field before anybody has typed.
 * @param {Input} input
 */
const standardOf = (input) =>
  input instanceof HTMLSelectElement ? input.dataset.default ?? "" : input.defaultValue;

/**
 * @param {Parameter} parameter
 * @param {number | number[] | undefined} value
 */
function showParameter(parameter, value) {
  const { mode, inputs } = parameter;
  for (const input of Object.values(inputs)) input.value = input.defaultValue;
  const standard = [...mode.options].find((option) => option.defaultSelected);
  mode.value = standard?.value ?? mode.value;
  if (Array.isArray(value)) {
    mode.value = "searched";
    [inputs.low.value, inputs.high.value] = value.map(String);
  } else if (value !== undefined) {
    mode.value = "fixed";
    inputs.value.value = String(value);
  }
  showMode(parameter);
}

/**
 * Show the order of an earlier hunt in the form, some of it changed and its seed open.
 * @param {HuntPlan} plan
 * @param {Changes} changes
 */
export function cloneIntoForm(plan, changes) {
  const { fixed_params: fixed, search_space: space, simulation, seed, ...rest } = plan;
  const params = { ...fixed, ...space, ...changes.params };
  fillForm({ ...rest, ...changes, simulation: { ...simulation, ...changes.simulation }, params });
  form.querySelectorAll("details").forEach((each) => { each.open = true; });
  const start = byId("start-hunt-btn");
  start.scrollIntoView({ block: "center" });
  start.focus();
}
