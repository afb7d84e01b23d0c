// What the hub tells the scripts with the page: names and limits that the program has in one place.

/** @import { PageConstants } from "./answers.d.ts" */

import { byId } from "./dom.js";

/** @type {PageConstants} */
export const CONSTANTS = JSON.parse(
  document.querySelector('meta[name="constants"]')?.getAttribute("content") ?? "",
);

/** The names of all numbers that the table of runs can show. */
export const runNumbers = () => (byId("runs-table").dataset.numbers ?? "").split(" ");
