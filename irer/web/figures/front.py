"""The Pareto front, and the paradox: fidelity against the norms of both constraints."""

import math
from collections.abc import Sequence

from irer.web.figures.common import (
    GOALS,
    MOST_POINTS,
    SMALLEST,
    TITLES,
    Figure,
    Hunted,
    Numbering,
    front_and_rest,
    log_axis,
    measured,
    on_log_axis,
    point,
    scatter,
    thinned,
)
from irer.web.runs import Run

_HOVER = "SSE %{x:.6f}<br>H-norm %{y:.6f}<extra>%{fullData.name}</extra>"


def pareto(hunt: Hunted) -> Figure:
    """Return log_prime_sse against sdg_h_norm_l2, both smaller is better, as two point traces."""
    runs, numbers = measured(hunt.runs), Numbering()
    front, rest = front_and_rest(runs)
    shown = thinned(rest, MOST_POINTS - len(front))
    sse, h_norm = GOALS["log_prime_sse"], GOALS["sdg_h_norm_l2"]
    return {
        "data": [
            _points("Runs", "points", shown, numbers, mode="markers"),
            _points("Pareto front", "front", front, numbers, mode="lines+markers"),
        ],
        "layout": {
            "xaxis": log_axis(TITLES["log_prime_sse"], [sse, *(point(r)[0] for r in runs)]),
            "yaxis": log_axis(TITLES["sdg_h_norm_l2"], [h_norm, *(point(r)[1] for r in runs)]),
            "shapes": [_success_corner(sse, h_norm)],
            "annotations": [_corner_name(sse, h_norm)],
            "meta": {"runs": numbers.runs, "shown": len(shown) + len(front), "of": len(runs)},
        },
    }


def _points(name: str, role: str, runs: Sequence[Run], numbers: Numbering, mode: str) -> Figure:
    points = [point(run) for run in runs]
    return scatter(
        name,
        role,
        [on_log_axis(x) for x, _ in points],
        [on_log_axis(y) for _, y in points],
        mode=mode,
        customdata=numbers.of(runs),
        hovertemplate=_HOVER,
    )


def _success_corner(sse: float, h_norm: float) -> Figure:
    return {
        "type": "rect",
        "name": "success corner",
        "layer": "below",
        "x0": SMALLEST / 1e3,
        "x1": sse,
        "y0": SMALLEST / 1e3,
        "y1": h_norm,
    }


def _corner_name(sse: float, h_norm: float) -> Figure:
    # Unlike shapes, annotations on a logarithmic axis want the logarithm.
    return {
        "text": "success",
        "name": "success corner",
        "x": math.log10(sse),
        "y": math.log10(h_norm),
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
    }
