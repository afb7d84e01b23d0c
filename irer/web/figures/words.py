"""The words on a figure: why it is empty, and how many of the runs it draws.

A figure gives in `layout.meta` how many runs it draws (`drawn`) of how many (`of`), which it
prefers (`kept`), and perhaps why it is empty (`empty`).
"""

from collections.abc import Callable

from irer.controls.unscored import count_unscored, words_on_unscored
from irer.hub.hunted import Hunted
from irer.web.figures.common import Figure

NOTHING_YET = "The first measured run appears here."
NOTHING_SCORED = "No run has a score; why not, and what would help, stands above the charts."
NOTHING_SEARCHED = "No parameter differs between these runs: there is nothing to draw it over."

Draw = Callable[[Hunted], Figure]


def worded(draw: Draw) -> Draw:
    """Return `draw`, adding to `layout.meta` the words for an empty or a thinned figure."""

    def drawn(hunt: Hunted) -> Figure:
        figure = draw(hunt)
        meta = figure["layout"]["meta"]
        meta["without_score"] = words_on_unscored(*count_unscored(hunt.runs))
        if not any(len(trace["x"]) for trace in figure["data"]):
            meta["empty"] = _why_empty(hunt, meta.get("empty"))
        elif meta["drawn"] < meta["of"]:
            what = meta.get("what", "runs")
            meta["thinned"] = f"{meta['drawn']:,} of {meta['of']:,} {what} drawn{meta['kept']}"
        return figure

    drawn.__doc__, drawn.__name__ = draw.__doc__, draw.__name__
    return drawn


def _why_empty(hunt: Hunted, own: str | None) -> str:
    if not hunt.runs:
        return NOTHING_YET
    if not any(run.fitness is not None for run in hunt.runs):
        return NOTHING_SCORED
    return own or NOTHING_SEARCHED
