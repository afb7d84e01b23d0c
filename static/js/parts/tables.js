// The table that stands for a chart: the same numbers for those who do not see it.

import { at } from "./address.js";
import { make, number, shortId } from "./dom.js";

const MOST_ROWS = 200;

const titleOf = (layout, axis, other) => layout[axis]?.title?.text || other || "value";
const axisName = (letter, id) => `${letter}axis${(id ?? letter).slice(1)}`;
const cell = (value) => (typeof value === "number" ? number(value) : String(value));

function rowsOf({ data, layout }) {
  const runs = layout.meta?.runs;
  const rows = [];
  for (const trace of data) {
    const x = titleOf(layout, axisName("x", trace.xaxis));
    const y = titleOf(layout, axisName("y", trace.yaxis), trace.name);
    trace.x.forEach((value, n) => {
      if (value === null || trace.y[n] === null) return;
      rows.push({
        series: trace.name, run: runs?.[trace.customdata?.[n]], x, y, xValue: value, yValue: trace.y[n],
        text: trace.hovertext?.[n],
      });
    });
  }
  return rows;
}

function rowOf(row) {
  const link = row.run
    ? make("a", { href: at(`/runs/${row.run}`), text: shortId(row.run), className: "mono" }) : "";
  const say = row.text
    ? [row.text]
    : [`${row.x}: ${cell(row.xValue)}`, `${row.y}: ${cell(row.yValue)}`];
  return make("tr", {
    children: [
      make("td", { text: row.series }), make("td", { children: [link] }),
      make("td", { text: say.join(", ") }),
    ],
  });
}

/** Let a `details` element show the rows of a figure once it is opened. */
export function offerTable(details, figure) {
  details.hidden = false;
  details.ontoggle = () => { if (details.open) fillTable(details, figure); };
  details.ontoggle();
}

/** Fill a `details` element with the rows of a figure, at most 200 of them. */
export function fillTable(details, figure) {
  const rows = rowsOf(figure);
  const head = make("tr", {
    children: ["Series", "Run", "Values"].map((text) => make("th", { text, scope: "col" })),
  });
  const table = make("table", {
    children: [
      make("caption", { className: "note", text: rows.length > MOST_ROWS
        ? `The first ${MOST_ROWS} of ${rows.length} points`
        : `${rows.length} points` }),
      make("thead", { children: [head] }),
      make("tbody", { children: rows.slice(0, MOST_ROWS).map(rowOf) }),
    ],
  });
  details.querySelector(".chart-rows").replaceChildren(table);
}
