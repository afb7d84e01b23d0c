"""A map of an objective over two parameters: its expected mean, and how well that is known.

Each tile is a bar, so that the map scales with the axes and the page needs no other kind of trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irer.hub.hunted import Hunted, Space
from irer.hub.run import Run
from irer.web.figures.common import (
    TITLES,
    Figure,
    Numbering,
    brief,
    front_and_rest,
    measured,
    scatter,
    thinned,
    values_of,
    words_above,
)

if TYPE_CHECKING:
    from irer.search.posterior_map import PosteriorMap

Array = NDArray[np.float64]

FEWEST = 10  # runs with a score; fewer say nothing of a surface


def parameter_map(hunt: Hunted) -> Figure:
    """Return the objective's posterior mean and its standard deviation, a panel each."""
    runs, names = measured(hunt.runs), list(hunt.space)
    chosen = _axes(hunt.axes, names)
    problem = _problem(len(runs), names, chosen)
    if problem or not names:
        meta = {"runs": [], "parameters": names, "drawn": 0, "of": len(runs), "empty": problem}
        return {"data": [], "layout": {"meta": meta}}
    return _map(hunt, runs, chosen)


def _axes(asked: tuple[str, str], names: Sequence[str]) -> tuple[str, str]:
    """Return the axes asked for; for one that is free, the first parameter that is left."""
    left = iter([name for name in names if name not in asked])
    x, y = (name or next(left, "") for name in asked)
    return x, y


def _problem(scored: int, names: Sequence[str], axes: tuple[str, str]) -> str | None:
    """Say why there is no map; None where there is one, or nothing is searched."""
    if not names:
        return None
    if unknown := [name for name in axes if name and name not in names]:
        return f"{unknown[0]} is not searched in this hunt: {', '.join(names)} are."
    if "" in axes:
        return "A map takes two parameters that are searched."
    if axes[0] == axes[1]:
        return "A map takes two different parameters."
    if scored < FEWEST:
        have = "1 run has a score" if scored == 1 else f"{scored} runs have a score"
        return f"{have}; a map takes {FEWEST}."
    return None


@dataclass(frozen=True)
class _Surface:
    """What one panel shows: values by tile, (n, n), and the words above it."""

    name: str
    role: str
    values: Array
    colour: Array
    words: str


def _map(hunt: Hunted, runs: Sequence[Run], axes: tuple[str, str]) -> Figure:
    # It imports SciPy, which the hub does without until somebody asks for a map.
    from irer.search.posterior_map import MOST_LEARNED, posterior_map

    learned, numbers, names = _learned(runs, MOST_LEARNED), Numbering(), list(hunt.space)
    found = posterior_map(
        _in_the_box(learned, hunt.space),
        values_of(learned, hunt.objective),
        (names.index(axes[0]), names.index(axes[1])),
    )
    figure: Figure = {"data": [], "layout": {"annotations": []}}
    for number, surface in zip(("", "2"), _surfaces(found), strict=True):
        figure["data"] += [_tiles(surface, number, [hunt.space[name] for name in axes])]
        figure["data"] += [_spots(learned, axes, number, numbers)]
        for letter, axis in zip("xy", axes, strict=True):
            ends = list(hunt.space[axis])
            figure["layout"][f"{letter}axis{number}"] = {"title": {"text": axis}, "range": ends}
        figure["layout"]["annotations"].append(
            words_above(f"{surface.name}<br>{surface.words}", "panel", number)
        )
    best = learned[found.held_at]
    held = ", ".join(f"{name} {best.param(name):.3g}" for name in names if name not in axes)
    figure["layout"] |= {
        "barmode": "overlay",
        "bargap": 0,
        "margin": {"t": 56},
        "title": {"text": TITLES[hunt.objective]},
        "meta": {
            "runs": numbers.runs,
            "panels": 2,
            "parameters": names,
            "chosen": list(axes),
            "drawn": len(learned),
            "of": len(runs),
            "kept": ", the front and the newest first",
            "note": f"The other parameters are held at {held}, as in the run that is expected best"
            if held
            else None,
        },
    }
    return figure


def _surfaces(found: "PosteriorMap") -> tuple[_Surface, _Surface]:
    """Return the mean and its standard deviation; in decades the latter is a factor."""
    mean, deviation, factor = found.mean, found.deviation, ""
    if found.in_decades:
        mean, deviation, factor = np.exp(mean), np.exp(deviation), " (a factor)"
    return (
        _Surface(
            "expected mean over seeds",
            "heat",
            mean,
            found.mean,
            f"{mean.min():.3g} to {mean.max():.3g}; stronger colour: lower",
        ),
        _Surface(
            f"its standard deviation{factor}",
            "doubt",
            deviation,
            found.deviation,
            f"{deviation.min():.3g} to {deviation.max():.3g}; stronger colour: less known",
        ),
    )


def _spots(runs: Sequence[Run], axes: tuple[str, str], number: str, numbers: Numbering) -> Figure:
    """Return the runs that the map learned from, as points on a panel."""
    x, y = ([brief(run.param(name)) for run in runs] for name in axes)
    return scatter(
        "Runs",
        "spots",
        x,
        y,
        mode="markers",
        xaxis=f"x{number}",
        yaxis=f"y{number}",
        customdata=numbers.of(runs),
        showlegend=False,
        hovertemplate="%{x:.4g}, %{y:.4g}<extra></extra>",
    )


def _learned(runs: Sequence[Run], most: int) -> list[Run]:
    """Return at most so many runs: up to half of them of the front, and the newest others."""
    front, rest = front_and_rest(runs)
    kept = list(thinned(front, most // 2))
    others = rest[-(most - len(kept)) :]
    return [*kept, *others]


def _in_the_box(runs: Sequence[Run], space: Space) -> Array:
    """Return the runs' parameters in units of their ranges, (n, d)."""
    columns = [
        (np.array([run.param(name) for run in runs]) - low) / (high - low)
        for name, (low, high) in space.items()
    ]
    return np.column_stack(columns)


def _tiles(surface: _Surface, number: str, ends: Sequence[tuple[float, float]]) -> Figure:
    """Return a trace of one bar for each tile, from its lower to its upper side."""
    n = len(surface.values)
    (x0, x1), (y0, y1) = ends
    width, height = (x1 - x0) / n, (y1 - y0) / n
    values = [brief(value) for value in surface.values.ravel().tolist()]
    return {
        "type": "bar",
        "name": surface.name,
        "meta": {"role": surface.role, "z": values},
        "x": [brief(x0 + (i + 0.5) * width) for i in range(n) for _ in range(n)],
        "y": [brief(height)] * (n * n),
        "base": [brief(y0 + j * height) for _ in range(n) for j in range(n)],
        "width": width,
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "marker": {"color": [brief(value) for value in surface.colour.ravel().tolist()]},
        "hovertext": [f"{value:.4g}" for value in values],
        "hovertemplate": "%{hovertext}<extra>%{fullData.name}</extra>",
        "showlegend": False,
    }
