// A chart's card in the page: the place of the drawing, the words above and below it, its table.

/** @import { Drawing } from "./figures.d.ts" */

import { setText, showMessage, within } from "./dom.js";
import { useScript } from "./offline.js";

/** @param {HTMLElement} card */
export const areaOf = (card) => within(card, ".chart");

/** @param {HTMLElement} card */
export const tableOf = (card) => within(card, ".chart-table", HTMLDetailsElement);

/**
 * Say why there is nothing to draw, or nothing.
 * @param {HTMLElement} card
 * @param {string | null} [text]
 */
export const sayEmpty = (card, text) => showMessage(within(card, ".chart-empty"), text);

/**
 * Say what of the numbers is drawn.
 * @param {HTMLElement} card
 * @param {string | null} [text]
 */
export const sayDrawn = (card, text) => showMessage(within(card, ".chart-note"), text);

/**
 * Let a `details` element show the rows of a figure once it is opened.
 * @param {HTMLDetailsElement} details
 * @param {Drawing} figure
 */
export function offerTable(details, figure) {
  const fill = () => {
    if (!details.open) return;
    useScript(within(details, ".chart-rows"), import("./tables.js"), ({ fillTable }) => fillTable(details, figure), setText);
  };
  details.hidden = false;
  details.ontoggle = fill;
  fill();
}
