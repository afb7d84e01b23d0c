"""The progress of a hunt: the best run so far, and the hypervolume of its front."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irer.hub.hunted import Hunted, Objective
from irer.hub.run import Run
from irer.search.hypervolume import evenly, hypervolumes, in_decades
from irer.web.figures.common import (
    GOALS,
    MOST_POINTS,
    NAMES,
    Figure,
    Numbering,
    add_chance,
    brief,
    chance_ends,
    changes,
    goal_line,
    log_axis,
    on_log_axis,
    point,
    scatter,
    values_of,
)

_COUNT = "committed runs"
_PANELS: tuple[tuple[Objective, str, list[float]], ...] = (
    ("log_prime_sse", "y", [0.55, 1.0]),
    ("constraint_violation", "y2", [0.0, 0.45]),
)


def history(hunt: Hunted) -> Figure:
    """Return every run and the best so far over the number of runs, a panel for each objective."""
    numbers, layout = Numbering(), {"xaxis": {"title": {"text": _COUNT}, "anchor": "y2"}}
    figure: Figure = {"data": [], "layout": layout | {"shapes": []}}
    for objective, axis, domain in _PANELS:
        places = np.flatnonzero([run.fitness is not None for run in hunt.runs])
        runs = [hunt.runs[n] for n in places.tolist()]
        values = values_of(runs, objective)
        goal = GOALS[objective]
        figure["data"] += [
            _runs(runs, places, values, axis, numbers),
            _best(runs, places, values, axis, numbers),
        ]
        figure["layout"][f"yaxis{axis[1:]}"] = log_axis(
            NAMES[objective], values, also=[goal, *_chance(hunt, objective)], domain=domain
        )
        figure["layout"]["shapes"].append(goal_line(axis, goal))
    figure["layout"]["meta"] = {
        "runs": numbers.runs,
        "drawn": len(_thinned(len(runs))),
        "of": len(runs),
        "kept": " as points; the smallest so far is of all",
    }
    place = {"low": "y0", "high": "y1", "xref": "paper", "x0": 0, "x1": 1, "yref": _PANELS[0][1]}
    add_chance(figure, hunt, place)
    return figure


def _chance(hunt: Hunted, objective: Objective) -> list[float]:
    return chance_ends(hunt) if objective == "log_prime_sse" else []


def _thinned(count: int) -> range:
    """Return the indices of the runs that are drawn as points."""
    return range(0, count, max(1, -(-count // (MOST_POINTS // 2))))


def _runs(
    runs: Sequence[Run],
    places: NDArray[np.intp],
    values: NDArray[np.float64],
    axis: str,
    numbers: Numbering,
) -> Figure:
    """Return a trace of every run with a value, at its index among all runs."""
    kept = _thinned(len(runs))
    return scatter(
        "Runs",
        "points",
        [int(places[n]) + 1 for n in kept],
        [on_log_axis(values[n]) for n in kept],
        mode="markers",
        yaxis=axis,
        customdata=numbers.of([runs[n] for n in kept]),
        showlegend=axis == "y",
        hovertemplate="run %{x}: %{y:.6f}<extra></extra>",
    )


def _best(
    runs: Sequence[Run],
    places: NDArray[np.intp],
    values: NDArray[np.float64],
    axis: str,
    numbers: Numbering,
) -> Figure:
    """Return a trace of the smallest value so far, as steps with a point at each improvement."""
    smallest = np.minimum.accumulate(values)
    kept = _some(changes(smallest), MOST_POINTS // 2)
    return scatter(
        "Best so far",
        "best",
        [int(places[n]) + 1 for n in kept],
        [on_log_axis(smallest[n]) for n in kept],
        mode="lines+markers",
        yaxis=axis,
        customdata=numbers.of([runs[n] for n in kept]),
        showlegend=axis == "y",
        hovertemplate="best after run %{x}: %{y:.6f}<extra></extra>",
    )


def hypervolume(hunt: Hunted) -> Figure:
    """Return the hypervolume of the front, in square decades, over the number of runs."""
    numbers = Numbering()
    scored = any(run.fitness is not None for run in hunt.runs)
    volumes = hypervolumes(_decades(run) for run in hunt.runs) if scored else []
    steps = changes(volumes)
    kept = _some(steps, MOST_POINTS)
    return {
        "data": [
            scatter(
                "Hypervolume",
                "best",
                [n + 1 for n in kept],
                [brief(volumes[n]) for n in kept],
                mode="lines+markers",
                customdata=numbers.of([hunt.runs[n] for n in kept]),
                hovertemplate="after run %{x}: %{y:.6f}<extra></extra>",
            )
        ],
        "layout": {
            "xaxis": {"title": {"text": _COUNT}},
            "yaxis": {"title": {"text": "hypervolume (square decades)"}, "rangemode": "tozero"},
            "meta": {
                "runs": numbers.runs,
                "drawn": len(kept),
                "of": len(steps),
                "what": "steps",
                "kept": "",
            },
        },
    }


def _decades(run: Run) -> tuple[float, float] | None:
    return in_decades(*point(run)) if run.fitness is not None else None


def _some(places: NDArray[np.intp], most: int) -> list[int]:
    """Return at most `most` of `places`, evenly spaced, with the first and the last."""
    return [int(places[n]) for n in evenly(len(places), most)]
