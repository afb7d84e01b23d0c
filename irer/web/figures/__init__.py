"""Figures of the page as Plotly JSON: plain data, coloured by the page's own theme."""

from collections.abc import Callable

from irer.hub.hunted import Hunted
from irer.web.figures.common import Figure
from irer.web.figures.front import paradox, pareto
from irer.web.figures.parameter_map import parameter_map
from irer.web.figures.parameters import importance, parallel, slices
from irer.web.figures.progress import history, hypervolume
from irer.web.figures.words import worded

FIGURES: dict[str, Callable[[Hunted], Figure]] = {
    "pareto": worded(pareto),
    "history": worded(history),
    "hypervolume": worded(hypervolume),
    "parallel": worded(parallel),
    "importance": worded(importance),
    "slice": worded(slices),
    "paradox": worded(paradox),
    "map": worded(parameter_map),
}

__all__ = ["FIGURES", "Figure"]
