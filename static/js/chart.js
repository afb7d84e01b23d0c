// The Pareto chart: data from the hub, colours from the page's theme. Plotly loads when there is
// something to draw.

import { get } from "./api.js";
import { byId } from "./dom.js";

const PLOTLY = "/static/vendor/plotly-strict.min.js";
const element = byId("pareto-chart");
let loading = null;
let figure = null;
let openRun = () => {};

function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = null; reject(new Error("Plotly did not load")); };
    document.head.append(script);
  });
  return loading;
}

/** The value that a CSS colour variable has in the present theme. */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function themed({ data, layout }) {
  const [text, line, accent, muted, good] =
    ["--text-soft", "--line", "--accent", "--point", "--good"].map(colour);
  const axis = {
    gridcolor: line, zeroline: false, linecolor: line, exponentformat: "power", dtick: 1,
    tickfont: { size: 12 }, automargin: true, fixedrange: false,
  };
  const [runs, front] = data;
  return {
    data: [
      { ...runs, marker: { color: muted, size: 8 } },
      { ...front, marker: { color: accent, size: 10 }, line: { color: accent, width: 1.5, shape: "hv" } },
    ],
    layout: {
      ...layout,
      xaxis: { ...axis, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
      shapes: layout.shapes.map((shape) => ({
        ...shape, fillcolor: good, opacity: 0.16, line: { width: 0 },
      })),
      annotations: layout.annotations.map((note) => ({ ...note, font: { color: good, size: 12 } })),
      paper_bgcolor: "transparent", plot_bgcolor: "transparent",
      font: { color: text, family: getComputedStyle(document.body).fontFamily, size: 13 },
      margin: { l: 8, r: 12, t: 12, b: 8 },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      hoverlabel: { align: "left" },
    },
  };
}

async function draw() {
  const plotly = await loadPlotly();
  const { data, layout } = themed(figure);
  const first = !element.classList.contains("js-plotly-plot");
  await plotly.react(element, data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
  if (first) element.on("plotly_click", (event) => openRun(figure.layout.meta.runs[event.points[0].customdata]));
}

/** Ask for the figure anew and draw it; without a measured run there is only a line of text. */
export async function refreshChart() {
  try {
    figure = await get("/api/figures/pareto");
    const empty = figure.data.every((trace) => trace.x.length === 0);
    byId("pareto-empty").hidden = !empty;
    element.hidden = empty;
    if (!empty) await draw();
  } catch {
    // The status line says when the hub is gone; the chart stays as it was until the next poll.
  }
}

export function setUpChart(open) {
  openRun = open;
  document.addEventListener("themechange", () => { if (figure && !element.hidden) draw(); });
}
