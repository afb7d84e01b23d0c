"""Figures of the parameters: parallel coordinates, importance, slices."""

import math
from collections.abc import Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from irer.hub.hunted import Hunted, Objective
from irer.hub.run import Run
from irer.search.importance import FEWEST, REMEMBERED, Bar, against_chance
from irer.web.figures.common import (
    MOST_POINTS,
    NAMES,
    TITLES,
    Figure,
    Numbering,
    add_chance,
    brief,
    chance_ends,
    front_and_rest,
    log_axis,
    measured,
    on_log_axis,
    scatter,
    thinned,
    values_of,
)

_PALE = 0.25  # opacity of a bar that chance explains
_LINES = 400  # in the parallel coordinates, without the front's; more would hide each other
_MOST_LINES = 1500  # the front's included
_BEST = 0.1  # the share of the runs that is drawn as the best
_OBJECTIVES: tuple[Objective, ...] = ("log_prime_sse", "constraint_violation")
_Axis = tuple[str, float, float]  # its name, and the values at its two ends


def parallel(hunt: Hunted) -> Figure:
    """Return one line a run over the searched parameters and both objectives.

    Each axis runs from 0 to 1: a parameter over its bounds, the logarithm of an objective over
    the values that occur. `layout.meta.axis_ends` says which values the two ends stand for.
    """
    runs, numbers = measured(hunt.runs), Numbering()
    front, rest = front_and_rest(runs)
    front = list(thinned(front, _MOST_LINES - _LINES))
    rest.sort(key=attrgetter("fitness"), reverse=True)
    n_best = min(_LINES // 2, round(_BEST * len(rest)))
    best, others = rest[:n_best], thinned(rest[n_best:], _LINES - n_best)
    axes = [(name, *hunt.space[name]) for name in hunt.space]
    axes += [(name, *_range_of(_shown(hunt, runs, name))) for name in _OBJECTIVES]
    groups = (
        ("Runs", "lines", others),
        ("Best tenth", "second", best),
        ("Pareto front", "front-lines", front),
    )
    ends = [_end(n, *end) for n, (_, *ends) in enumerate(axes) for end in enumerate(ends)]
    figure: Figure = {
        "data": [_lines(name, role, group, axes, numbers) for name, role, group in groups],
        "layout": {
            "xaxis": {
                "tickvals": list(range(len(axes))),
                "ticktext": [_name(name) for name, _, _ in axes],
                "range": [-0.35, len(axes) - 0.65],
            },
            "yaxis": {"range": [-0.1, 1.1], "visible": False},
            "annotations": ends,
            "meta": {
                "runs": numbers.runs,
                "axis_ends": axes,
                "drawn": len(numbers.runs),
                "of": len(runs),
                "kept": ", the best and the front first",
            },
        },
    }
    place = [name for name, *_ in axes].index("log_prime_sse")
    add_chance(
        figure,
        hunt,
        {"low": "y0", "high": "y1", "x0": place - 0.1, "x1": place + 0.1}
        | {"shown": lambda value: _share(on_log_axis(value), axes[place])},
    )
    return figure


def _shown(hunt: Hunted, runs: Sequence[Run], name: Objective) -> NDArray[np.float64]:
    """Return the values that the axis of an objective shows: the runs', and what chance gives."""
    values = values_of(runs, name)
    return np.append(values, chance_ends(hunt)) if name == "log_prime_sse" else values


def _name(axis: str) -> str:
    return next((short for name, short in NAMES.items() if name == axis), axis)


def _range_of(values: NDArray[np.float64]) -> tuple[float, float]:
    ends = (values.min(), values.max()) if values.size else (1.0, 1.0)
    return on_log_axis(ends[0]), on_log_axis(ends[1])


def _lines(
    name: str, role: str, runs: Sequence[Run], axes: Sequence[_Axis], numbers: Numbering
) -> Figure:
    x: list[int | None] = []
    y: list[float | None] = []
    run_of: list[int | None] = []
    text: list[str | None] = []
    for run, number in zip(runs, numbers.of(runs), strict=True):
        for n, axis in enumerate(axes):
            value = _value(run, axis[0])
            x.append(n)
            y.append(_share(value, axis))
            run_of.append(number)
            text.append(f"{_name(axis[0])} {value:.6g}")
        for column in (x, y, run_of, text):
            column.append(None)  # ends the line
    return scatter(
        name,
        role,
        x,
        y,
        mode="lines",  # markers would add ten thousand elements
        customdata=run_of,
        hovertext=text,
        hovertemplate="%{hovertext}<extra>%{fullData.name}</extra>",
    )


def _value(run: Run, name: str) -> float:
    if name in _OBJECTIVES:
        return on_log_axis(getattr(run, name))
    return run.param(name)


def _share(value: float, axis: _Axis) -> float:
    """Return the position of a value between the ends of its axis, 0 to 1."""
    name, low, high = axis
    if name in _OBJECTIVES:
        value, low, high = math.log10(value), math.log10(low), math.log10(high)
    return round((value - low) / (high - low), 4) if high > low else 0.5


def _end(place: int, end: int, value: float) -> Figure:
    """Return the label at the lower or upper end of an axis."""
    return {
        "text": f"{value:.3g}",
        "x": place,
        "y": end,
        "yanchor": "bottom" if end else "top",
        "showarrow": False,
    }


def importance(hunt: Hunted) -> Figure:
    """Return how much each parameter matters for each objective, as bars that add up to 1.

    A bar that is no longer than shuffled values make it is pale, and its label says so.
    """
    runs = measured(hunt.runs)
    params = [run.named_params() for run in runs]
    values = [[getattr(run, objective) for run in runs] for objective in _OBJECTIVES]
    data = []
    for objective, role, bars in zip(
        _OBJECTIVES, ("front", "second"), against_chance(hunt.space, params, values), strict=True
    ):
        names = list(hunt.space)[::-1] if bars else []  # Plotly stacks bars upwards
        drawn = scatter(TITLES[objective], role, [brief(bars[n].share) for n in names], names)
        data.append(
            drawn
            | {
                "type": "bar",
                "orientation": "h",
                "marker": {"opacity": [1 if bars[n].stands_out else _PALE for n in names]},
                "hovertext": [_against_chance(bars[n]) for n in names],
                "hovertemplate": "%{y}: %{hovertext}<extra>%{fullData.name}</extra>",
            }
        )
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": "importance (PED-ANOVA)"}, "rangemode": "tozero"},
            "yaxis": {"type": "category", "dtick": 1},
            "barmode": "group",
            "meta": {
                "runs": [],
                "drawn": min(len(runs), REMEMBERED),
                "of": len(runs),
                "kept": ": the newest",
                "empty": _why_no_importance(len(runs), hunt),
            },
        },
    }


def _against_chance(bar: Bar) -> str:
    if bar.stands_out:
        return f"{bar.share:.2f}; shuffled values give up to {bar.chance:.2f}"
    return f"{bar.share:.2f}, no more than shuffled values give (up to {bar.chance:.2f})"


def _why_no_importance(scored: int, hunt: Hunted) -> str | None:
    if not hunt.space:
        return None
    if scored < FEWEST:
        have = "1 run has a score" if scored == 1 else f"{scored} runs have a score"
        return f"{have}; from {FEWEST} on the best tenth can be told from the others."
    return "The best tenth is as good as all the rest: no parameter sets it apart."


def slices(hunt: Hunted) -> Figure:
    """Return the objective over each searched parameter, a panel each, coloured by generation."""
    runs, numbers = measured(hunt.runs), Numbering()
    front, rest = front_and_rest(runs)
    budget = MOST_POINTS * 2 // max(1, len(hunt.space))
    front = list(thinned(front, budget // 2))
    shown = [*thinned(rest, budget - len(front)), *front]
    values = [getattr(run, hunt.objective) for run in shown]
    ends = chance_ends(hunt) if hunt.objective == "log_prime_sse" and runs else []
    figure: Figure = {"data": [], "layout": {}}
    for n, name in enumerate(hunt.space):
        number = str(n + 1) if n else ""
        figure["data"].append(
            scatter(
                name,
                "by-generation",
                [brief(run.param(name)) for run in shown],
                [on_log_axis(value) for value in values],
                mode="markers",
                xaxis=f"x{number}",
                yaxis=f"y{number}",
                customdata=numbers.of(shown),
                marker={"color": [run.generation for run in shown]},
                showlegend=False,
                hovertemplate=f"{name} %{{x}}<br>%{{y:.6f}}<extra></extra>",
            )
        )
        figure["layout"][f"xaxis{number}"] = {"title": {"text": name}}
        figure["layout"][f"yaxis{number}"] = log_axis("", [*values, *ends])
    figure["layout"]["meta"] = {
        "runs": numbers.runs,
        "panels": len(hunt.space),
        "drawn": len(shown),
        "of": len(runs),
        "kept": ", the front first",
    }
    figure["layout"]["title"] = {"text": TITLES[hunt.objective]}
    if hunt.objective == "log_prime_sse":
        numbers_of_panels = ["", *(str(n + 2) for n in range(len(hunt.space) - 1))]
        places = [
            {"low": "y0", "high": "y1", "xref": f"x{number} domain", "x0": 0, "x1": 1}
            | {"yref": f"y{number}"}
            for number in numbers_of_panels[: len(hunt.space)]
        ]
        add_chance(figure, hunt, *places)
    return figure
