// What the hub tells the scripts with the page: names and limits that the program has in one place.

/** @import { PageConstants } from "./answers.d.ts" */

/** @type {PageConstants} */
export const CONSTANTS = JSON.parse(
  document.querySelector('meta[name="constants"]')?.getAttribute("content") ?? "",
);
