// What may stand in the address of the hunt page; loaded where something stands there.

/** @import { State } from "./url_state.js" */

import { CONSTANTS, runNumbers } from "./constants.js";

const NUMBERS = runNumbers();
const UUID = /^[0-9a-f]{4}[0-9a-f-]{0,32}$/;
const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param {(part: string) => boolean} fits
 * @param {number} most
 */
const listOf = (fits, most) => (/** @type {string} */ text) => {
  const parts = text.split(",");
  return parts.length <= most && parts.every(fits);
};

/** @param {RegExp} pattern */
const like = (pattern) => (/** @type {string} */ text) => pattern.test(text);

/** @param {string} text */
const isNumber = (text) => NUMBER.test(text) && Number.isFinite(Number(text));

/** @param {string} end of a range, which may be open */
const isEnd = (end) => end === "" || isNumber(end);

/** @param {string} text x,y,x,y,... of 3 to 100 corners */
const isLasso = (text) => {
  const ends = text.split(",");
  return ends.length % 2 === 0 && ends.length >= 6 && ends.length <= 200 && ends.every(isNumber);
};

/** @param {string} part chart.axis:from:to */
const isZoom = (part) => {
  const [axis, ...ends] = part.split(":");
  return /^[a-z]+\.[xy]axis\d*$/.test(axis) && ends.length === 2 && ends.every(isNumber);
};

/** @param {string} part name:low:high */
const isRange = (part) => {
  const [name, low = "x", high = "x", more] = part.split(":");
  const ordered = low === "" || high === "" || Number(low) <= Number(high);
  return NUMBERS.includes(name) && isEnd(low) && isEnd(high) && ordered && more === undefined;
};

/** @type {Record<keyof State, (text: string) => boolean>} */
const FITS = {
  hunt: (text) => text === "all" || UUID.test(text),
  sort: (text) => ["generation", "job_uuid", "state", ...NUMBERS].includes(text),
  order: like(/^(asc|desc)$/),
  page: like(/^[1-9]\d{0,8}$/),
  state: like(/^(all|COMPLETE|FAILED)$/),
  hidden: like(/^(no|yes|only)$/),
  search: like(/^.{0,100}$/),
  columns: listOf((name) => name === "none" || NUMBERS.includes(name), 40),
  ticked: listOf(like(UUID), CONSTANTS.most_compared),
  ranges: listOf(isRange, 40),
  lasso: isLasso,
  zoom: listOf(isZoom, 60),
};

/**
 * The state that a query says, and what of it makes no sense.
 * @param {string} search
 * @param {State} usual
 */
export function checked(search, usual) {
  const state = { ...usual };
  /** @type {string[]} */
  const leftOut = [];
  for (const [name, value] of new URLSearchParams(search)) {
    const key = /** @type {keyof State} */ (name);
    if (usual[key] === value || FITS[key]?.(value)) state[key] = value;
    else leftOut.push(`${name}=${value}`.slice(0, 60));
  }
  return { state, leftOut };
}
