"""Figures of the page as Plotly JSON: plain data, coloured by the page's own theme."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from irer.search.fitness import H_NORM_GOAL, SSE_GOAL, is_pareto
from irer.web.runs import Run

Figure = dict[str, Any]

MOST_POINTS = 3000  # that a figure holds; every Pareto point is always among them
SMALLEST = 1e-12  # where a perfect 0 is drawn on a logarithmic axis


def pareto(runs: Sequence[Run]) -> Figure:
    """Return log_prime_sse against sdg_h_norm_l2, both smaller is better, as two point traces.

    `customdata` of a point is its job_uuid. Trace names tell the page which colour to take.
    """
    measured = [run for run in runs if run.fitness is not None]
    points = [_point(run) for run in measured]
    on_front = is_pareto(points)
    front = [run for run, best in zip(measured, on_front, strict=True) if best]
    others = [run for run, best in zip(measured, on_front, strict=True) if not best]
    front.sort(key=_point)
    return {
        "data": [
            _trace("Runs", _thinned(others, MOST_POINTS - len(front)), mode="markers"),
            _trace("Pareto front", front, mode="lines+markers"),
        ],
        "layout": {
            "xaxis": _log_axis("log-prime SSE (fidelity)", SSE_GOAL, [x for x, _ in points]),
            "yaxis": _log_axis("SDG H-norm (stability)", H_NORM_GOAL, [y for _, y in points]),
            "shapes": [_success_corner()],
            "annotations": [_corner_name()],
        },
    }


def _point(run: Run) -> tuple[float, float]:
    """Return (log_prime_sse, sdg_h_norm_l2) of a measured run."""
    return run.log_prime_sse or 0.0, run.sdg_h_norm_l2 or 0.0


def _thinned(runs: Sequence[Run], most: int) -> Sequence[Run]:
    """Keep every n-th run, so that at most `most` are left."""
    step = max(1, -(-len(runs) // max(1, most)))
    return runs[::step]


def _trace(name: str, runs: Sequence[Run], mode: str) -> Figure:
    points = [_point(run) for run in runs]
    return {
        "type": "scatter",
        "name": name,
        "mode": mode,
        "x": [max(x, SMALLEST) for x, _ in points],
        "y": [max(y, SMALLEST) for _, y in points],
        "customdata": [run.job_uuid for run in runs],
        "text": [f"{run.job_uuid[:8]}, generation {run.generation}" for run in runs],
        "hovertemplate": "%{text}<br>SSE %{x:.6f}<br>H-norm %{y:.6f}<extra></extra>",
    }


def _log_axis(title: str, goal: float, values: Sequence[float]) -> Figure:
    """Return a logarithmic axis that shows every value and the success corner."""
    shown = [max(value, SMALLEST) for value in values] + [goal]
    low, high = math.log10(min(shown)), math.log10(max(shown))
    margin = max(0.4, 0.08 * (high - low))
    return {"type": "log", "title": {"text": title}, "range": [low - margin, high + margin]}


def _success_corner() -> Figure:
    return {
        "type": "rect",
        "name": "success corner",
        "layer": "below",
        "x0": SMALLEST / 1e3,
        "x1": SSE_GOAL,
        "y0": SMALLEST / 1e3,
        "y1": H_NORM_GOAL,
    }


def _corner_name() -> Figure:
    # Unlike shapes, annotations on a logarithmic axis want the logarithm.
    return {
        "text": "success",
        "x": math.log10(SSE_GOAL),
        "y": math.log10(H_NORM_GOAL),
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
    }


FIGURES: dict[str, Callable[[Sequence[Run]], Figure]] = {"pareto": pareto}
