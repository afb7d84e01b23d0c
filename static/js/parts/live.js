// The live view: the last fields of running jobs, and the end of a log. It asks only while it is
// open and in view of somebody.

/** @import { Live, LiveField } from "./answers.d.ts" */

import { get, hubNow, messageOf } from "./api.js";
import { byId, duration, make, numberElement, setText, shortId, showMessage } from "./dom.js";

const EVERY_MS = 1500;
const STALE_S = 15; // no frame for so long: it has long ones, or is stuck

const panel = byId("live", HTMLDetailsElement); // closed by default
const pictures = byId("live-fields");
const log = byId("live-log");
const choice = byId("live-choice", HTMLSelectElement);
/** @type {Map<string, HTMLElement>} */
const shown = new Map(); // by job
/** @type {number | undefined} */
let timer;
let asking = false;

/**
 * From the page's dark blue over its accent to a pale yellow, much as the pictures of a run.
 * @param {number} level 0 to 255
 */
function colour(level) {
  const stops = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  const place = (level / 255) * (stops.length - 1);
  const before = Math.min(Math.floor(place), stops.length - 2);
  return stops[before].map((value, n) => value + (place - before) * (stops[before + 1][n] - value));
}

const COLOURS = Array.from({ length: 256 }, (_, level) => colour(level));

/**
 * @param {HTMLCanvasElement} canvas
 * @param {LiveField} field
 */
function paint(canvas, { shape: [rows, columns], density }) {
  const levels = atob(density);
  const image = new ImageData(columns, rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const level = levels.charCodeAt(row * columns + column);
      image.data.set([...COLOURS[level], 255], 4 * ((rows - 1 - row) * columns + column)); // y upwards
    }
  }
  Object.assign(canvas, { width: columns, height: rows });
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** @param {string} job */
function card(job) {
  const canvas = make("canvas", { role: "img" });
  const figure = make("figure", {
    className: "live-field",
    children: [canvas, make("figcaption", { className: "note" })],
  });
  shown.set(job, figure);
  return figure;
}

/** @param {LiveField} field */
function show(field) {
  const figure = shown.get(field.job_uuid) ?? card(field.job_uuid);
  if (figure.dataset.at !== field.at) {
    figure.dataset.at = field.at;
    const canvas = figure.querySelector("canvas");
    if (canvas) {
      paint(canvas, field);
      canvas.ariaLabel = `Density of the running job ${shortId(field.job_uuid)}`;
    }
  }
  const age = hubNow() - Date.parse(field.at) / 1000;
  const stale = age > STALE_S;
  figure.toggleAttribute("data-stale", stale);
  figure.querySelector("figcaption")?.replaceChildren(
    make("span", { className: "mono", text: shortId(field.job_uuid) }),
    ` t = ${field.t.toFixed(1)} of ${field.end_time.toFixed(1)}, |ψ|² `,
    numberElement(field.low), " to ", numberElement(field.high),
    stale ? `, as of ${duration(age)} ago` : "");
  return figure;
}

/**
 * What there is to say instead of, or beside, the pictures.
 * @param {Live} live
 */
function words({ active, running, fields }) {
  if (!active) return "No hunt is under way, and no confirmation.";
  if (running === 0) return "No simulation runs at this moment.";
  const missing = (running ?? 0) - fields.length;
  if (fields.length === 0) return "Asked the running jobs: each shows its field at its next frame.";
  return missing > 0 ? `${missing} more running: their fields come at their next frames.` : "";
}

/** @param {Live} live */
function showAll(live) {
  showMessage(byId("live-error"), "");
  showMessage(byId("live-words"), words(live));
  const figures = live.fields.map(show);
  for (const [job, figure] of shown) if (!figures.includes(figure)) shown.delete(job);
  if (figures.some((figure, n) => pictures.children[n] !== figure) || pictures.children.length > figures.length) {
    pictures.replaceChildren(...figures);
  }
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  setText(log, live.lines.join("\n") || "Nothing is in this log yet.");
  if (atEnd) log.scrollTop = log.scrollHeight;
}

async function ask() {
  timer = undefined;
  if (!panel.open || document.hidden || asking) return;
  asking = true;
  try {
    showAll(await get(`/api/live?log=${choice.value}`));
  } catch (error) {
    showMessage(byId("live-error"), `${messageOf(error)} What is shown is of before.`);
  }
  asking = false;
  timer ??= setTimeout(ask, EVERY_MS);
}

/** Ask now, and for as long as the panel is open and somebody sees the page. */
export function followLive() {
  clearTimeout(timer);
  ask();
}

document.addEventListener("visibilitychange", followLive);
choice.addEventListener("change", followLive);
