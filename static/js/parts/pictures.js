// Pictures of fields, in the theme of the page; a picture that cannot be had says why.

import { at } from "./address.js";
import { showMessage } from "./dom.js";
import { untilAnswered } from "./waiting.js";
import { ApiError } from "./api.js";

const theme = () => (getComputedStyle(document.documentElement).colorScheme === "light" ? "light" : "dark");

const addressOf = (figure, run) =>
  `/api/runs/${encodeURIComponent(run)}/field.png?field=${figure.dataset.field}&theme=${theme()}`;

async function fetchPicture(address) {
  let response;
  try {
    response = await fetch(at(address));
  } catch {
    throw new ApiError(0, "The hub does not answer.");
  }
  if (response.ok) return URL.createObjectURL(await response.blob());
  const { message } = await response.json().catch(() => ({}));
  throw new ApiError(response.status, message ?? response.statusText);
}

/** Show the picture of a figure element; the last one asked for wins. */
export async function showPicture(figure, run) {
  const image = figure.querySelector("img");
  if (!image) return;
  const address = addressOf(figure, run);
  if (figure.dataset.address === address) return;
  figure.dataset.address = address;
  figure.setAttribute("aria-busy", "true");
  try {
    const source = await untilAnswered(() => fetchPicture(address));
    if (figure.dataset.address !== address) return URL.revokeObjectURL(source);
    if (image.src) URL.revokeObjectURL(image.src);
    image.src = source;
    image.hidden = false;
    showMessage(figure.querySelector(".empty"), "");
  } catch (error) {
    image.hidden = true;
    showMessage(figure.querySelector(".empty"), error.message);
  }
  figure.removeAttribute("aria-busy");
}

/** Show pictures as they come into view, and anew when the theme changes. */
export function setUpPictures(runOf) {
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || seen.has(target)) continue;
      seen.add(target);
      showPicture(target, runOf(target));
    }
  }, { rootMargin: "200px" });
  document.querySelectorAll(".picture").forEach((figure) => watcher.observe(figure));
  const again = () => seen.forEach((figure) => showPicture(figure, runOf(figure)));
  document.addEventListener("themechange", again);
  return again;
}
