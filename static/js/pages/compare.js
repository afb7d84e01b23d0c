// The compare page: spectra over one another, one field of every run; the tables came with the page.

import { getSlowly } from "../parts/api.js";
import { byId, showMessage } from "../parts/dom.js";
import { setUpPictures } from "../parts/pictures.js";
import { draw, onTheme } from "../parts/plot.js";
import { spectraFigure } from "../parts/run_figures.js";
import { offerTable } from "../parts/tables.js";
import { untilAnswered } from "../parts/waiting.js";

const runs = byId("compared").dataset.runs.split(" ").filter(Boolean);

/** The spectrum of a run with its place in the comparison, or a sentence why there is none. */
async function spectrumOf(run, series) {
  try {
    const spectrum = await untilAnswered(() => getSlowly(`/api/runs/${encodeURIComponent(run)}/spectrum`));
    return spectrum.degenerate
      ? { missing: `${run.slice(0, 8)} has no spectrum (${spectrum.degenerate})` } : { ...spectrum, series };
  } catch (error) {
    return { missing: error.message };
  }
}

async function showSpectra() {
  const element = byId("spectra");
  if (!element) return;
  element.setAttribute("aria-busy", "true");
  const found = await Promise.all(runs.map(spectrumOf));
  const spectra = found.filter((each) => !each.missing);
  showMessage(element.querySelector(".chart-empty"), found.map((each) => each.missing).filter(Boolean).join("; "));
  const place = element.querySelector(".chart");
  place.hidden = spectra.length === 0;
  if (spectra.length) {
    const figure = spectraFigure(spectra);
    await draw(place, figure);
    onTheme(() => draw(place, figure));
    offerTable(element.querySelector(".chart-table"), figure);
  }
  element.removeAttribute("aria-busy");
}

showSpectra();
const again = setUpPictures((figure) => figure.dataset.run);
byId("field-choice")?.addEventListener("change", (event) => {
  for (const figure of document.querySelectorAll(".picture")) figure.dataset.field = event.target.value;
  again();
});
