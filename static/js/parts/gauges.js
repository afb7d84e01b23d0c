// The criteria of the verdict as gauges: where the best run stands, the goal, chance, fresh seeds.

/** @import { Chance, Gauge, Reading } from "./answers.d.ts" */

import { byId, make, numberElement } from "./dom.js";
import { helpMark } from "./help.js";

/** @type {Record<Gauge["name"], string>} */
export const NAMES = {
  log_prime_sse: "SSE of the best run", sdg_h_norm_l2: "H-norm", sdg_h_norm_relative: "Relative violation",
  n_targets_resolved: "Targets the grid resolves",
};

/**
 * Where values lie on a gauge, in percent: of targets evenly, of errors by their logarithm.
 * @param {Gauge} gauge
 * @returns {(value: number) => number}
 */
function scaleOf({ name, value, goal, band, chance }) {
  if (name === "n_targets_resolved") return (at) => (100 * at) / goal;
  const shown = [value, ...(band ?? []), ...(chance ?? [])].filter((each) => each > 0);
  const low = Math.log(Math.min(goal / 10, ...shown) * 0.8);
  const high = Math.log(Math.max(goal * 10, ...shown) * 1.25);
  return (at) => Math.min(100, Math.max(0, (100 * (Math.log(Math.max(at, Number.MIN_VALUE)) - low)) / (high - low)));
}

/**
 * @param {string} className
 * @param {number} from
 * @param {number} to both in percent
 */
function part(className, from, to) {
  const element = make("span", { className });
  element.style.left = `${from}%`;
  element.style.width = `${Math.max(to - from, 0)}%`;
  return element;
}

/** @param {Gauge} gauge */
function trackOf(gauge) {
  const at = scaleOf(gauge);
  const { name, value, goal, band, chance } = gauge;
  const parts = [name === "n_targets_resolved" ? part("reach", at(goal - 0.5), 100) : part("reach", 0, at(goal))];
  if (chance) parts.push(part("chance", at(chance[0]), at(chance[1])));
  if (band) parts.push(part("fresh", at(band[0]), at(band[1])));
  const track = make("dd", { className: "track", children: [...parts, part("spot", at(value), at(value))] });
  track.ariaHidden = "true"; // the words beside it say the same
  return track;
}

/**
 * @param {string} words
 * @param {[number, number] | number[]} range
 * @param {string} className of its mark
 */
const rangeOf = (words, range, className) => make("span", {
  className: "range",
  children: [make("span", { className: `key ${className}` }), words, numberElement(range[0]), " to ", numberElement(range[1])],
});

/**
 * @param {Gauge} gauge
 * @param {Chance | null} chance
 */
function gaugeOf(gauge, chance) {
  const { name, value, goal, met, band, chance: range } = gauge;
  const compared = name === "n_targets_resolved" ? `of ${goal}` : `goal < ${goal}`;
  const mark = make("span", { className: "badge", text: met ? "met" : "not met" });
  mark.dataset.tone = met ? "good" : "idle";
  const notes = [make("span", { children: [compared, " ", mark] })];
  if (range) notes.push(rangeOf(`chance, ${chance?.n} decoy hunts, 5 to 95%: `, range, "chance"));
  else if (name === "log_prime_sse") notes.push(make("span", { text: "what chance gives is not known" }));
  if (band) notes.push(rangeOf("fresh seeds: ", band, "fresh"));
  return make("div", {
    className: "measure",
    children: [
      make("dt", { children: [NAMES[name], helpMark(name, NAMES[name])] }), make("dd", { className: "mono", children: [numberElement(value)] }),
      trackOf(gauge), make("dd", { className: "note ranges", children: notes }),
    ],
  });
}

/** @param {Reading} reading */
export function showGauges({ best, chance }) {
  const gauges = best?.gauges ?? [];
  for (const id of ["reading-gauges", "reading-gauges-key"]) byId(id).hidden = gauges.length === 0;
  byId("reading-gauges").replaceChildren(...gauges.map((gauge) => gaugeOf(gauge, chance)));
}

/**
 * The discovery beside what fresh seeds would give: it was chosen among all, they were not.
 * @param {Reading} reading
 */
export function showExpected({ best, recommended, variance_share: shares }) {
  const table = byId("best-expected", HTMLTableElement);
  const wrap = byId("best-expected-wrap");
  wrap.hidden = !recommended || !best;
  if (!recommended || !best) return;
  /** @type {Partial<Record<string, { value: number, goal: number }>>} */
  const gauges = Object.fromEntries(best.gauges.map((gauge) => [gauge.name, gauge]));
  /** @param {string} name */
  const over = (name) => (gauges[name]?.value ?? 0) / (gauges[name]?.goal ?? 1);
  /** @type {Record<string, number | undefined>} */
  const found = {
    log_prime_sse: gauges.log_prime_sse?.value,
    constraint_violation: Math.max(over("sdg_h_norm_l2"), over("sdg_h_norm_relative")),
  };
  table.tBodies[0].replaceChildren(...Object.entries(recommended.expected).map(([name, { mean, low, high }]) => {
    const share = shares[name];
    const told = share
      ? `${percent(share.share)} (${percent(share.low)} to ${percent(share.high)})` : "not known";
    return make("tr", {
      children: [
        make("th", { scope: "row", className: "mono", text: name }),
        make("td", { className: "num mono", children: [numberElement(found[name] ?? null)] }),
        make("td", { className: "num mono", text: `${brief(mean)} (${brief(low)} to ${brief(high)})` }),
        make("td", { className: "num mono minor", text: told }),
      ],
    });
  }));
  const { candidate, runs, fresh_seeds: seeds, level } = recommended;
  const own = runs === 1 ? "1 run" : `${runs} runs`;
  byId("best-expected-said").textContent =
    `The best run was chosen among all, so that fresh seeds tend to be worse. Expected: the mean of ${seeds} fresh seeds of candidate ${candidate.slice(0, 8)} (${own}), with ${percent(level)} intervals.`;
}

/** @param {number} value */
const brief = (value) => String(Number(value.toPrecision(4)));

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)}%`;
