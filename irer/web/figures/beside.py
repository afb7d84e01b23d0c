"""The curves of two hunts beside each other: the best score and the hypervolume over their runs."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from irer.hub.compared import ComparedHunt, Errors
from irer.search.hypervolume import evenly, hypervolumes, in_decades
from irer.web.figures.common import (
    GOALS,
    MOST_POINTS,
    TITLES,
    Figure,
    brief,
    changes,
    goal_line,
    log_axis,
    on_log_axis,
    scatter,
)

_BAND_POINTS = 200
_BAND = (0.05, 0.95)  # quantiles of the decoy hunts
_NO_SCORE = "No run of these hunts has a score."
_Values = NDArray[np.float64]  # after each run; NaN before the first score
_Curve = Callable[[Errors], _Values]


def best_beside(hunts: Sequence[ComparedHunt]) -> Figure:
    """Return the smallest SSE so far over the committed runs of each hunt."""
    data = _traces(hunts, _best_so_far, on_log_axis)
    goal = GOALS["log_prime_sse"]
    values = [value for trace in data for value in trace["y"]]
    axis = log_axis(f"best {TITLES['log_prime_sse']}", values, also=goal)
    return _figure(hunts, data, axis, [goal_line("y", goal)])


def hypervolume_beside(hunts: Sequence[ComparedHunt]) -> Figure:
    """Return the hypervolume of the front over the committed runs of each hunt."""
    axis = {"title": {"text": "hypervolume (square decades)"}, "rangemode": "tozero"}
    return _figure(hunts, _traces(hunts, _volumes, brief), axis, [])


def last_hypervolume(runs: Errors) -> float | None:
    """Return the hypervolume that the runs came to; None where none has a score."""
    return float(_volumes(runs)[-1]) if any(runs) else None


def _figure(
    hunts: Sequence[ComparedHunt], data: list[Figure], yaxis: Figure, shapes: list[Figure]
) -> Figure:
    layout = {"xaxis": {"title": {"text": "committed runs"}}, "yaxis": yaxis, "shapes": shapes}
    meta = {} if any(any(hunt.runs) for hunt in hunts) else {"empty": _NO_SCORE}
    return {"data": data, "layout": layout | {"meta": meta}}


def _traces(
    hunts: Sequence[ComparedHunt], curve: _Curve, shown: Callable[[float], float]
) -> list[Figure]:
    """Return for each hunt the band of its decoy hunts, its control hunt, and itself on top."""
    data: list[Figure] = []
    for number, hunt in enumerate(hunts):
        data += _band(
            f"{hunt.name}, decoy hunts", number, [curve(each) for each in hunt.decoys], shown
        )
        if any(hunt.random):
            name = f"{hunt.name}, random draws"
            data.append(_line(name, number, curve(hunt.random), shown, dash="dash"))
    data += [_line(hunt.name, n, curve(hunt.runs), shown) for n, hunt in enumerate(hunts)]
    return data


def _line(
    name: str, number: int, values: _Values, shown: Callable[[float], float], dash: str = "solid"
) -> Figure:
    """Return the steps of a curve."""
    first = int(np.isnan(values).sum())  # before the first score
    steps = changes(values[first:])
    kept = [first + int(steps[n]) for n in evenly(len(steps), MOST_POINTS)]
    trace = scatter(
        name,
        "series",
        [n + 1 for n in kept],
        [shown(float(values[n])) for n in kept],
        mode="lines",
        line={"shape": "hv", "dash": dash, "width": 1.2 if dash == "dash" else 2.2},
        hovertemplate="after run %{x}: %{y:.6f}<extra>%{fullData.name}</extra>",
    )
    trace["meta"]["series"] = number
    return trace


def _band(
    name: str, number: int, curves: Sequence[_Values], shown: Callable[[float], float]
) -> list[Figure]:
    """Return both ends of the range of the middle 90% of curves, the space between them filled.

    Where a decoy hunt has no score yet it is left out; the range is of the others.
    """
    length = min((len(curve) for curve in curves), default=0)
    kept = np.asarray(evenly(length, _BAND_POINTS), dtype=np.intp)
    if not length:
        return []
    table = np.stack([curve[kept] for curve in curves])
    there = ~np.isnan(table).all(axis=0)
    ends = np.nanquantile(table[:, there], _BAND, axis=0)
    x = (kept[there] + 1).tolist()
    band = []
    for values, fill, title in zip(ends, ("none", "tonexty"), ("5%", "95%"), strict=True):
        trace = scatter(
            f"{name}, {title}",
            "series",
            x,
            [shown(float(value)) for value in values],
            mode="lines",
            line={"width": 0},
            fill=fill,
            opacity=0.18,
            showlegend=fill == "tonexty",
            legendgroup=name,
            hovertemplate="after run %{x}: %{y:.6f}<extra>%{fullData.name}</extra>",
        )
        trace["meta"]["series"] = number
        band.append(trace)
    band[-1]["name"] = f"{name}, 5 to 95%"
    return band


def _best_so_far(runs: Errors) -> _Values:
    values = [errors[0] if errors else np.nan for errors in runs]
    return np.fmin.accumulate(np.asarray(values, dtype=float))


def _volumes(runs: Errors) -> _Values:
    volumes = hypervolumes(in_decades(*errors) if errors else None for errors in runs)
    return np.asarray(volumes, dtype=float)
