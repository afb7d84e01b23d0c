"""The names and limits that every page sends to its scripts; the program spells them once."""

from functools import cache

from irer.base.checking import Record
from irer.base.goals import GOALS, GROUP_NAMES, METRICS, GoalName, GroupName, MetricName
from irer.hub.status import ACTIVE
from irer.validation.matching import CONFIDENT_EXCESS, UNMATCHED_COST

MOST_COMPARED = 6  # runs on the compare page


class PageConstants(Record):
    """Names and limits that the pages' scripts share with the program."""

    group_names: dict[GroupName, str]  # of a confirmation, as people read them
    compared_metrics: list[MetricName]  # between the groups of a confirmation
    judged_metrics: list[GoalName]  # of each group: those with a goal
    unmatched_cost: float  # of a target without a peak
    confident_excess: float  # of a candidate, in standard deviations
    most_compared: int
    active_states: list[str]  # of a hunt that is under way


@cache
def page_constants() -> PageConstants:
    """Return what every page is sent."""
    return PageConstants(
        group_names=GROUP_NAMES,
        compared_metrics=list(METRICS),
        judged_metrics=list(GOALS),
        unmatched_cost=UNMATCHED_COST,
        confident_excess=CONFIDENT_EXCESS,
        most_compared=MOST_COMPARED,
        active_states=list(ACTIVE),
    )
