// Pictures of fields, in the theme of the page; a picture that cannot be had says why.

import { getFile, messageOf } from "./api.js";
import { allWithin, showMessage, theme, within } from "./dom.js";
import { untilAnswered } from "./waiting.js";

/** @typedef {(figure: HTMLElement) => string} RunOf whose field a figure element shows */

/**
 * @param {HTMLElement} figure
 * @param {string} run
 */
const addressOf = (figure, run) =>
  `/api/runs/${encodeURIComponent(run)}/field.png?field=${figure.dataset.field}&theme=${theme()}`;

/**
 * Show the picture of a figure element; the last one asked for wins.
 * @param {HTMLElement} figure
 * @param {string} run
 */
async function showPicture(figure, run) {
  const image = figure.querySelector("img");
  if (!image) return;
  const address = addressOf(figure, run);
  if (figure.dataset.address === address) return;
  figure.dataset.address = address;
  figure.setAttribute("aria-busy", "true");
  try {
    const source = URL.createObjectURL(await untilAnswered(() => getFile(address)));
    if (figure.dataset.address !== address) return URL.revokeObjectURL(source);
    if (image.src) URL.revokeObjectURL(image.src);
    image.src = source;
    image.hidden = false;
    showMessage(within(figure, ".empty"), "");
  } catch (error) {
    image.hidden = true;
    showMessage(within(figure, ".empty"), messageOf(error));
  }
  figure.removeAttribute("aria-busy");
}

/**
 * Show pictures as they come into view, and anew when the theme changes.
 * @param {RunOf} runOf
 */
export function setUpPictures(runOf) {
  /** @type {Set<HTMLElement>} */
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !(target instanceof HTMLElement) || seen.has(target)) continue;
      seen.add(target);
      showPicture(target, runOf(target));
    }
  }, { rootMargin: "200px" });
  allWithin(document, ".picture").forEach((figure) => watcher.observe(figure));
  const again = () => seen.forEach((figure) => { showPicture(figure, runOf(figure)); });
  document.addEventListener("themechange", again);
  return again;
}
