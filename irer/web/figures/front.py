"""Two figures: the Pareto front, and the paradox (fidelity against the constraint norms)."""

import math
from collections.abc import Sequence

from irer.hub.hunted import Hunted, Objective
from irer.hub.run import Run
from irer.search.significance import Paradox
from irer.search.significance import paradox as correlate
from irer.web.figures.common import (
    FEWEST_OTHERS,
    GOALS,
    MOST_POINTS,
    SMALLEST,
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
    point,
    scatter,
    thinned,
    values_of,
    words_above,
)

_MOST_CORRELATED = 1000  # runs in a bootstrap; more cost memory and tell no more
_NORMS = (
    ("sdg_h_norm_l2", "SDG H-norm", ""),
    ("bssn_h_norm_l2", "classical (BSSN) H-norm", "2"),
)
_HOVER = "SSE %{x:.6f}<br>violation %{y:.6f}<extra>%{fullData.name}</extra>"


def pareto(hunt: Hunted) -> Figure:
    """Return log_prime_sse against constraint_violation, smaller is better, as two traces."""
    runs, numbers = measured(hunt.runs), Numbering()
    front, rest = front_and_rest(runs)
    shown = thinned(rest, max(MOST_POINTS - len(front), FEWEST_OTHERS))
    sse, violation = GOALS["log_prime_sse"], GOALS["constraint_violation"]
    figure: Figure = {
        "data": [
            _points("Runs", "points", shown, numbers, mode="markers"),
            _points("Pareto front", "front", front, numbers, mode="lines+markers"),
        ],
        "layout": {
            "xaxis": _axis(runs, "log_prime_sse", [sse, *chance_ends(hunt)]),
            "yaxis": _axis(runs, "constraint_violation", [violation]),
            "shapes": [_success_corner(sse, violation)],
            "annotations": [_corner_name(sse, violation)],
            "meta": {
                "runs": numbers.runs,
                "drawn": len(shown) + len(front),
                "of": len(runs),
                "kept": ", all of the front among them",
            },
        },
    }
    place = {"low": "x0", "high": "x1", "yref": "paper", "y0": 0, "y1": 1}
    add_chance(figure, hunt, place)
    return figure


def _axis(runs: Sequence[Run], name: Objective, also: Sequence[float]) -> Figure:
    return log_axis(TITLES[name], values_of(runs, name), also=also)


def paradox(hunt: Hunted) -> Figure:
    """Return fidelity over the norm of each constraint, a panel each, with their correlations."""
    runs, numbers = measured(hunt.runs), Numbering()
    shown = thinned(runs, _MOST_CORRELATED)
    figure: Figure = {"data": [], "layout": {"annotations": []}}
    for n, (name, title, number) in enumerate(_NORMS):
        norms = [getattr(run, name) for run in shown]
        sse = [point(run)[0] for run in shown]
        figure["data"].append(
            scatter(
                title,
                "points" if n else "front-points",
                [on_log_axis(norm) for norm in norms],
                [brief(-value) for value in sse],
                mode="markers",
                xaxis=f"x{number}",
                yaxis=f"y{number}",
                customdata=numbers.of(shown),
                showlegend=False,
                hovertemplate="H-norm %{x:.6f}<br>fidelity %{y:.6f}<extra></extra>",
            )
        )
        figure["layout"][f"xaxis{number}"] = log_axis(title, norms)
        figure["layout"][f"yaxis{number}"] = {"title": {"text": "fidelity, −SSE"}}
        figure["layout"]["annotations"].append(_correlation(correlate(sse, norms), number))
    figure["layout"]["meta"] = {
        "runs": numbers.runs,
        "panels": len(_NORMS),
        "drawn": len(shown),
        "of": len(runs),
        "kept": "; the correlations are of these",
    }
    figure["layout"]["margin"] = {"t": 72, "b": 70}  # room for words above, a legend below
    places = [
        {"low": "y1", "high": "y0", "xref": f"x{number} domain", "x0": 0, "x1": 1}
        | {"yref": f"y{number}", "shown": _fidelity}
        for _, _, number in _NORMS
    ]
    add_chance(figure, hunt, *places)
    figure["layout"]["legend"] = {"yref": "container", "y": 0, "yanchor": "bottom"}
    return figure


def _fidelity(sse: float) -> float:
    return brief(-sse)


def _correlation(found: Paradox, number: str) -> Figure:
    """Return a panel's text: both coefficients with their 95% intervals."""
    named = {"Spearman": found.spearman, "Pearson": found.pearson}
    lines = [
        f"{name} {known.value:+.2f} [{known.low:+.2f}, {known.high:+.2f}]"
        for name, known in named.items()
        if known
    ]
    few = f"no correlation of {found.n} runs: too few, or one side does not vary"
    text = "<br>".join([*lines, f"95% intervals, {found.n} runs"]) if lines else few
    return words_above(text, "correlation", number)


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


def _success_corner(sse: float, violation: float) -> Figure:
    return {
        "type": "rect",
        "name": "success corner",
        "layer": "below",
        "x0": SMALLEST / 1e3,
        "x1": sse,
        "y0": SMALLEST / 1e3,
        "y1": violation,
    }


def _corner_name(sse: float, violation: float) -> Figure:
    # Unlike shapes, annotations on a logarithmic axis take the logarithm.
    return {
        "text": "success",
        "name": "success corner",
        "x": math.log10(sse),
        "y": math.log10(violation),
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
    }
