// How long the hunt in the form will take, from jobs of its size in this home.

/** @import { HuntTime } from "./answers.d.ts" */

import { post } from "./api.js";
import { byId, duration, setText } from "./dom.js";
import { order } from "./form.js";

const TYPING_MS = 400;
/** @type {number | undefined} */
let timer;
let asked = 0; // of several answers the last question's counts

/** @param {HuntTime} time */
function wordsOf({ jobs, job, compiled, compile_s: compile, seconds }) {
  const runs = jobs === 1 ? "1 run" : `${jobs} runs`;
  if (job === null || seconds === null) return `${runs}; how long one of this size takes is not known in this home yet.`;
  const of = job.runs === 1 ? "the one run" : `the median of ${job.runs} runs`;
  const first = compiled === false
    ? compile === null ? " Its programs are compiled first." : ` Compiling takes about ${duration(compile)} of it.` : "";
  return `${runs}, about ${duration(seconds)}: ${of} of this size here took ${duration(job.seconds)}.${first}`;
}

/** Say how long the order in the form takes; nothing about one that is not possible. */
export async function estimate() {
  const question = ++asked;
  let words = "";
  try {
    words = wordsOf(await post("/api/estimate-hunt", order()));
  } catch { /* the start says what is wrong, the status that the hub is away */ }
  if (question === asked) setText(byId("estimate"), words);
}

for (const event of ["input", "change"]) {
  byId("hunt-form").addEventListener(event, () => {
    clearTimeout(timer);
    timer = setTimeout(estimate, TYPING_MS);
  });
}
