// The compare page: spectra over one another, one field of every run; the tables came with the page.

/** @import { RunSpectrum } from "../parts/answers.d.ts" */

import { getSlowly, messageOf } from "../parts/api.js";
import { areaOf, offerTable, sayEmpty, tableOf } from "../parts/chart_card.js";
import { allWithin, byId, shortId } from "../parts/dom.js";
import { setUpPictures } from "../parts/pictures.js";
import { draw, onTheme } from "../parts/plot.js";
import { spectraFigure } from "../parts/run_figures.js";
import { untilAnswered } from "../parts/waiting.js";

const runs = (byId("compared").dataset.runs ?? "").split(" ").filter(Boolean);

/**
 * The spectrum of a run, or a sentence why there is none.
 * @param {string} run
 * @returns {Promise<RunSpectrum | string>}
 */
async function spectrumOf(run) {
  try {
    /** @type {RunSpectrum} */
    const spectrum = await untilAnswered(() => getSlowly(`/api/runs/${encodeURIComponent(run)}/spectrum`));
    return spectrum.degenerate ? `${shortId(run)} has no spectrum (${spectrum.degenerate})` : spectrum;
  } catch (error) {
    return messageOf(error);
  }
}

/** @param {HTMLElement} card */
async function showSpectra(card) {
  card.setAttribute("aria-busy", "true");
  const found = await Promise.all(runs.map(spectrumOf));
  sayEmpty(card, found.filter((each) => typeof each === "string").join("; "));
  const compared = found.flatMap((spectrum, series) => (typeof spectrum === "string" ? [] : [{ spectrum, series }]));
  const area = areaOf(card);
  area.hidden = compared.length === 0;
  if (compared.length) {
    const figure = spectraFigure(compared);
    await draw(area, figure);
    onTheme(() => draw(area, figure));
    offerTable(tableOf(card), figure);
  }
  card.removeAttribute("aria-busy");
}

const card = document.getElementById("spectra"); // not there with fewer than two runs
if (card) showSpectra(card);
const again = setUpPictures((figure) => figure.dataset.run ?? "");
const choice = document.querySelector("#field-choice");
if (choice instanceof HTMLSelectElement) {
  choice.addEventListener("change", () => {
    for (const figure of allWithin(document, ".picture")) figure.dataset.field = choice.value;
    again();
  });
}
