// The best run of a hunt as evidence: the scored quantity, and its density at each stored snapshot.
// Nothing of it is asked for before somebody sees it, and no picture twice.

/** @import { Reading, RunDetails, RunSpectrum } from "./answers.d.ts" */

import { at } from "./address.js";
import { POLL_MS, get, getFile, getSlowly, isAway, messageOf } from "./api.js";
import { areaOf, offerTable, sayEmpty, tableOf } from "./chart_card.js";
import { byId, make, setText, shortId, showMessage, theme, within } from "./dom.js";
import { showExpected, showGauges } from "./gauges.js";
import { draw, onTheme } from "./plot.js";
import { excessFigure } from "./run_figures.js";

const box = byId("best-evidence");
const card = byId("best-excess");
const picture = byId("best-density");
const slider = byId("best-snapshot", HTMLInputElement);

/** @type {string | null} */
let run = null; // whose evidence the page has
/** @type {string | null} */
let shown = null; // whose spectrum is drawn
/** @type {RunSpectrum | null} */
let spectrum = null;
let seen = false;
/** @type {Map<string, Promise<string>>} */
const pictures = new Map(); // by address

const address = () => `/api/runs/${encodeURIComponent(run ?? "")}/field.png?field=density&snapshot=${slider.value}&theme=${theme()}`;

function sayTime() {
  const times = spectrum?.snapshot_t ?? [];
  const n = Number(slider.value);
  const words = `t = ${Number((times[n - 1] ?? 0).toPrecision(6))}, snapshot ${n} of ${times.length}`;
  slider.setAttribute("aria-valuetext", words);
  setText(byId("best-snapshot-said"), words);
}

async function showPicture() {
  sayTime();
  if (picture.hidden) return;
  const image = within(picture, "img", HTMLImageElement);
  const wanted = address();
  image.dataset.address = wanted;
  picture.setAttribute("aria-busy", "true");
  const known = pictures.get(wanted) ?? getFile(wanted).then((file) => URL.createObjectURL(file));
  pictures.set(wanted, known);
  try {
    const source = await known;
    if (image.dataset.address !== wanted) return; // another was asked for meanwhile
    image.src = source;
    image.alt = `Density of the best run, ${slider.getAttribute("aria-valuetext")}`;
    image.hidden = false;
    showMessage(within(picture, ".empty"), "");
  } catch (error) {
    pictures.delete(wanted);
    if (image.dataset.address !== wanted) return;
    image.hidden = true;
    showMessage(within(picture, ".empty"), messageOf(error));
  }
  picture.removeAttribute("aria-busy");
}

function forgetPictures() {
  for (const known of pictures.values()) known.then(URL.revokeObjectURL, () => {});
  pictures.clear();
  within(picture, "img", HTMLImageElement).hidden = true;
  showMessage(within(picture, ".empty"), "");
}

async function drawExcess() {
  const area = areaOf(card);
  area.hidden = !spectrum || Boolean(spectrum.degenerate);
  if (!spectrum || spectrum.degenerate) return;
  const figure = excessFigure(spectrum);
  offerTable(tableOf(card), figure);
  await draw(area, figure);
}

/**
 * The spectrum of a run; a run without fields is not asked for one.
 * @param {string} wanted
 * @returns {Promise<RunSpectrum>}
 */
async function spectrumOf(wanted) {
  const path = `/api/runs/${encodeURIComponent(wanted)}`;
  /** @type {RunDetails} */
  const { has_artifact: there, artifact_removed: why } = await get(path);
  if (there) return getSlowly(`${path}/spectrum`);
  throw new Error(why ? `The fields of the best run were removed by policy: ${why}` : "The best run left no fields.");
}

/** Ask for the spectrum of the run once it is seen. */
async function refresh() {
  if (!seen || run === null || run === shown) return;
  const wanted = shown = run;
  card.setAttribute("aria-busy", "true");
  try {
    const found = await spectrumOf(wanted);
    if (wanted !== run) return;
    spectrum = found;
    sayEmpty(card, spectrum?.degenerate ? "The density has no spectrum to speak of." : "");
  } catch (error) {
    if (wanted !== run) return;
    spectrum = null;
    if (isAway(error)) {
      shown = null;
      setTimeout(refresh, POLL_MS);
    }
    sayEmpty(card, messageOf(error));
  }
  card.removeAttribute("aria-busy");
  const count = spectrum?.snapshot_t.length ?? 0;
  picture.hidden = count === 0;
  slider.max = String(Math.max(count, 1));
  slider.value = slider.max;
  slider.disabled = count < 2;
  await Promise.all([showPicture(), drawExcess()]);
}

/**
 * Show what there is of the best run.
 * @param {Reading} reading
 */
export function showBestRun(reading) {
  showGauges(reading);
  showExpected(reading);
  const best = reading.best?.job_uuid ?? null;
  box.hidden = best === null;
  if (best === run) return;
  run = best;
  forgetPictures();
  if (best === null) return;
  const link = make("a", { href: at(`/runs/${best}`), className: "mono", text: shortId(best) });
  byId("best-evidence-run").replaceChildren(link);
  refresh();
}

slider.addEventListener("input", showPicture);
onTheme(() => { drawExcess(); showPicture(); });
new IntersectionObserver((entries) => {
  seen ||= entries.some(({ isIntersecting }) => isIntersecting);
  refresh();
}, { rootMargin: "100px" }).observe(box);
