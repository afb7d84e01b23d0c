// The figures that the pages draw: plain Plotly JSON, as the hub or a script makes it, and what the
// pages use of Plotly itself.

import type { ROLES } from "./plot.js";

/** What a trace shows; the page paints it so. */
export type Role = keyof typeof ROLES;

export type Value = number | string | null;

export type Trace = {
  type: string;
  name: string;
  /** `series` counts the runs that are compared */
  meta?: { role: Role } | { role: "series"; series: number } | { role: "heat" | "doubt"; z: number[] };
  mode?: string;
  x: Value[];
  y: Value[];
  /** for each point the number of its run in `layout.meta.runs` */
  customdata?: (number | null)[];
  text?: (string | null)[];
  hovertext?: string[];
  hovertemplate?: string;
  xaxis?: string;
  yaxis?: string;
  marker?: { color?: any };
  line?: object;
  showlegend?: boolean;
  /** where bars begin; they are the tiles of a map */
  base?: number[];
  error_y?: { array: number[]; arrayminus: number[] };
  opacity?: number;
};

export type Axis = {
  title?: { text: string };
  type?: string;
  range?: number[];
};

/** A line or a rectangle; by its name it is a goal, a target or the success corner. */
export type Shape = { type: string; name: string; line?: object; legendgroup?: string; [more: string]: unknown };

export type Annotation = { text: string; name?: string; font?: object; [more: string]: unknown };

/** What the hub says of a figure beside what it draws. */
export type Meta = {
  /** uuids by number */
  runs?: string[];
  /** of parallel coordinates: each one's name, and the values at its two ends */
  axis_ends?: [string, number, number][];
  /** how many, where each trace has a panel of its own */
  panels?: number;
  /** why it is empty */
  empty?: string;
  /** how many of the runs it draws, where not all */
  thinned?: string;
  /** how many runs of the hunt have no score, and why */
  without_score?: string | null;
  /** why there is no chance band; absent where there is one, or no score is drawn */
  chance?: string;
  /** what else is to be known of it */
  note?: string | null;
  /** of a map: what its axes may be, and what they are */
  parameters?: string[];
  chosen?: string[];
};

export type Layout = {
  meta?: Meta;
  shapes?: Shape[];
  annotations?: Annotation[];
  margin?: object;
  legend?: object;
  grid?: object;
  /** what dragging does: zoom, select in a box, lasso */
  dragmode?: string;
  selections?: object[];
  [axis: `xaxis${string}` | `yaxis${string}`]: Axis;
};

/** A figure of the hub, or one that a page made of numbers. */
export type Drawing = { data: Trace[]; layout: Layout };

/** What a person has selected in a chart, in the values of its axes. */
export type Selection = {
  range?: { x: [number, number]; y: [number, number] };
  lassoPoints?: { x: number[]; y: number[] };
};

/** An element that Plotly draws in. */
export type PlotElement = HTMLElement & {
  runs?: string[];
  /** what is drawn in it, before it was painted */
  figure?: Drawing;
  data?: Trace[];
  layout?: object;
  on(event: "plotly_click", told: (event: { points: { customdata: number }[] }) => void): void;
  on(event: "plotly_relayout", told: (change: Record<string, unknown>) => void): void;
  on(event: "plotly_selected", told: (selection?: Selection) => void): void;
  on(event: "plotly_deselect" | "plotly_doubleclick", told: () => void): void;
};

export type Plotly = {
  react(element: HTMLElement, data: Trace[], layout: object, options: object): Promise<void>;
  downloadImage(
    drawn: { data?: Trace[]; layout: object },
    how: { format: string; filename: string; width: number; height: number },
  ): Promise<string>;
};

declare global {
  interface Window {
    Plotly: Plotly;
  }
}
