// The page of two hunts: their curves; sentences and tables came with the page.

/** @import { Drawing } from "../parts/figures.d.ts" */

import { getSlowly, messageOf } from "../parts/api.js";
import { areaOf, offerTable, sayEmpty, tableOf } from "../parts/chart_card.js";
import { byId, showMessage } from "../parts/dom.js";
import { draw, onTheme } from "../parts/plot.js";
import { untilAnswered } from "../parts/waiting.js";

const [one, other] = (byId("compared").dataset.hunts ?? "").split(" ").map(encodeURIComponent);

/**
 * @param {HTMLElement} card
 * @param {Drawing} figure
 */
async function show(card, figure) {
  const empty = figure.layout.meta?.empty ?? "";
  sayEmpty(card, empty);
  areaOf(card).hidden = Boolean(empty);
  if (!empty) {
    await draw(areaOf(card), figure);
    onTheme(() => draw(areaOf(card), figure));
    offerTable(tableOf(card), figure);
  }
  card.removeAttribute("aria-busy");
}

async function showCurves() {
  const cards = [byId("curve-best"), byId("curve-hypervolume")];
  cards.forEach((card) => card.setAttribute("aria-busy", "true"));
  try {
    /** @type {Record<"best" | "hypervolume", any>} */
    const { best, hypervolume } = await untilAnswered(() => getSlowly(`/api/hunts/${one}/comparison?other=${other}`));
    await show(cards[0], best);
    await show(cards[1], hypervolume);
  } catch (error) {
    showMessage(byId("curves-error"), messageOf(error));
    for (const card of cards.filter((each) => each.hasAttribute("aria-busy"))) {
      areaOf(card).hidden = true;
      card.removeAttribute("aria-busy");
    }
  }
}

showCurves();
