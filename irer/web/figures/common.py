"""What the figures share: plain Plotly JSON, thinned, with every run a point that can be opened.

The page chooses the colours: a trace's `meta.role` says what it shows. A point's `customdata` is
the index of its run in `layout.meta.runs`, so each uuid is sent once.
"""

import math
from collections.abc import Sequence
from itertools import compress
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.fitness import is_pareto
from irer.base.goals import SSE_GOAL
from irer.hub.hunted import Chance, Hunted, Objective
from irer.hub.run import Run

Figure = dict[str, Any]

MOST_POINTS = 800  # in a figure, so that a browser draws it at once; beyond them
FEWEST_OTHERS = 200  # every Pareto point, and so many others
SMALLEST = 1e-12  # where a perfect 0 is drawn on a logarithmic axis
TITLES: dict[Objective, str] = {
    "log_prime_sse": "log-prime SSE (fidelity)",
    "constraint_violation": "constraint violation over its goal (stability)",
}
NAMES: dict[Objective, str] = {"log_prime_sse": "SSE", "constraint_violation": "violation"}
GOALS: dict[Objective, float] = {"log_prime_sse": SSE_GOAL, "constraint_violation": 1.0}


def measured(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that have a score."""
    return [run for run in runs if run.fitness is not None]


def point(run: Run) -> tuple[float, float]:
    """Return (log_prime_sse, constraint_violation) of a run with a score."""
    return run.log_prime_sse or 0.0, run.constraint_violation or 0.0


def values_of(runs: Sequence[Run], name: str) -> NDArray[np.float64]:
    """Return an attribute of `runs` as an array, shape (n,)."""
    return np.fromiter(map(attrgetter(name), runs), dtype=float, count=len(runs))


def front_and_rest(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Return the Pareto front of `runs`, by rising SSE, and the others."""
    points = [values_of(runs, name) for name in TITLES]
    on_front = is_pareto(np.column_stack(points))
    front = list(compress(runs, on_front.tolist()))
    return sorted(front, key=point), list(compress(runs, (~on_front).tolist()))


def thinned(runs: Sequence[Run], most: int) -> Sequence[Run]:
    """Keep every n-th run, so that at most `most` are left."""
    step = max(1, -(-len(runs) // max(1, most)))
    return runs[::step]


def brief(value: float) -> float:
    """Round to ten digits: the page's six decimals stay the same."""
    return float(f"{value:.10g}")


def on_log_axis(value: float) -> float:
    """Return a value that a logarithmic axis can show: at least SMALLEST."""
    return brief(max(value, SMALLEST))


def scatter(name: str, role: str, x: Sequence[Any], y: Sequence[Any], **more: Any) -> Figure:
    """Return a trace; `more` are its further attributes."""
    return {"type": "scatter", "name": name, "meta": {"role": role}, "x": x, "y": y} | more


def log_axis(title: str, values: ArrayLike, *, also: ArrayLike = (), **more: Any) -> Figure:
    """Return a logarithmic axis that shows every value, and `also`."""
    shown = np.append(values, also)
    ends = (shown.min(), shown.max()) if shown.size else (1.0, 1.0)
    low, high = (math.log10(max(value, SMALLEST)) for value in ends)
    margin = max(0.25, 0.08 * (high - low))
    axis = {"type": "log", "title": {"text": title}, "range": [low - margin, high + margin]}
    return axis | more


def goal_line(axis: str, value: float) -> Figure:
    """Return the line of a goal on the axis `y`, `y2`, ..."""
    return {
        "type": "line",
        "name": "goal",
        "xref": "paper",
        "yref": axis,
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
    }


def words_above(text: str, name: str, number: str) -> Figure:
    """Return the words above the panel of axes `number`, as Plotly's annotation."""
    return {
        "text": text,
        "name": name,
        "xref": f"x{number} domain",
        "yref": f"y{number} domain",
        "x": 0,
        "y": 1.02,
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "showarrow": False,
    }


def chance_ends(hunt: Hunted) -> list[float]:
    """Return both ends of the chance band, for an axis to show; none where it is not known."""
    return [hunt.chance.low, hunt.chance.high] if isinstance(hunt.chance, Chance) else []


def add_chance(figure: Figure, hunt: Hunted, *places: Figure) -> None:
    """Draw the chance band behind the points, or say in `layout.meta` why there is none.

    Each place is a rectangle without the ends along its axis of scores: `low` and `high` name
    these, and `shown` may say where a score lies on it.
    """
    chance, layout = hunt.chance, figure["layout"]
    if isinstance(chance, str):
        layout["meta"]["chance"] = f"No chance band: {chance}."
        return
    for number, place in enumerate(places):
        place = dict(place)
        shown = place.pop("shown", on_log_axis)
        ends = {place.pop("low"): shown(chance.low), place.pop("high"): shown(chance.high)}
        band = {
            "type": "rect",
            "name": f"best of {chance.n} decoy hunts (5 to 95%)",
            "legendgroup": "chance",
            "showlegend": number == 0,
            "layer": "below",
        }
        layout.setdefault("shapes", []).append(band | place | ends)


class Numbering:
    """Numbers the runs of a figure by their first appearance."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, runs: Sequence[Run]) -> list[int]:
        """Return the numbers of `runs`."""
        return [self._numbers.setdefault(run.job_uuid, len(self._numbers)) for run in runs]

    @property
    def runs(self) -> list[str]:
        """The uuids, by number: `layout.meta.runs`."""
        return list(self._numbers)


def changes(values: ArrayLike) -> NDArray[np.intp]:
    """Return the indices at which a sequence takes a new value, with the first and the last."""
    series = np.asarray(values, dtype=float)
    if not len(series):
        return np.zeros(0, dtype=np.intp)
    new = np.flatnonzero(series[1:] != series[:-1]) + 1
    return np.unique(np.concatenate(([0], new, [len(series) - 1])))
