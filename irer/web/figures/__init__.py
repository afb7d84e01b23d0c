"""Figures of the page as Plotly JSON: plain data, coloured by the page's own theme."""

from collections.abc import Callable

from irer.web.figures.common import Figure, Hunted, Objective, covered_space
from irer.web.figures.front import paradox, pareto
from irer.web.figures.parameters import importance, parallel, slices
from irer.web.figures.progress import history, hypervolume

FIGURES: dict[str, Callable[[Hunted], Figure]] = {
    "pareto": pareto,
    "history": history,
    "hypervolume": hypervolume,
    "parallel": parallel,
    "importance": importance,
    "slice": slices,
    "paradox": paradox,
}

__all__ = ["FIGURES", "Figure", "Hunted", "Objective", "covered_space"]
