"""Rule: the front's runs lie at a bound of the search space."""

from math import comb

from irer.base.records import Bounds
from irer.controls.reading.actions import range_with
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Action, Evidence, Finding
from irer.home.ledger_row import LedgerRow
from irer.search.history import History

NEAR = 0.02  # of the range: this near to an end is at it
LEVEL = 0.01  # of the chance, over all ends together, that runs lie there by accident
FEWEST = 3  # runs at one end
WIDEN = 0.5  # of the range, added beyond the end


def leaning_on_bounds(facts: HuntFacts) -> list[Finding]:
    """Return a finding for each end of a range where the front lies more often than by chance.

    Runs spread evenly lie within 2% of an end in 2 of 100; the binomial probability of as many or
    more is multiplied by the number of ends. An end beyond which the parameter has no meaning is
    left out.
    """
    front = front_of(facts)
    ends = 2 * len(facts.plan.search_space)
    found = []
    for name, (low, high) in facts.plan.search_space.items():
        margin = NEAR * (high - low)
        values = [getattr(row.params, name) for row in front]
        for end, near in (
            (low, sum(value <= low + margin for value in values)),
            (high, sum(value >= high - margin for value in values)),
        ):
            by_chance = ends * _at_least(near, len(front))
            wider = _widened(name, (low, high), end, facts)
            if wider is not None and near >= FEWEST and by_chance < LEVEL:
                found.append(_finding(name, end, near, len(front), facts, wider))
    return found


def front_of(facts: HuntFacts) -> list[LedgerRow]:
    """Return the runs on the hunt's front, one of each candidate."""
    history = History(remembered=0)
    for row in facts.rows:
        history.add(row)
    return list({row.candidate: row for row in history.front}.values())


def _at_least(k: int, n: int) -> float:
    """Return the probability of at least k of n runs within NEAR of one end, spread evenly."""
    return sum(comb(n, i) * NEAR**i * (1 - NEAR) ** (n - i) for i in range(k, n + 1))


def _finding(
    name: str, end: float, near: int, front: int, facts: HuntFacts, wider: Action
) -> Finding:
    plan_file = facts.home.plan_file(facts.plan.hunt_id)
    which = "upper" if end == facts.plan.search_space[name][1] else "lower"
    return Finding(
        rule="bound",
        words=f"{near} of {front} runs of the front have {name} within {NEAR:.0%} of the "
        f"{which} end of its range, {end:g}: better runs may lie beyond.",
        because=f"By chance, fewer than {LEVEL:.0%} of hunts have so many at any end.",
        threshold=LEVEL,
        evidence=[
            Evidence(name="runs of the front", value=front, source=facts.ledger),
            Evidence(name=f"of them at this end of {name}", value=near, source=facts.ledger),
            Evidence(name=f"the end of {name}", value=end, source=facts.source(plan_file)),
        ],
        action=wider,
    )


def _widened(name: str, bounds: Bounds, end: float, facts: HuntFacts) -> Action | None:
    """Return a wider range: by half of itself, or to half the end where that passes a limit."""
    low, high = bounds
    beyond = WIDEN * (high - low)
    label = f"Widen {name}"
    if end == high:
        return range_with(facts, label, name, (low, high + beyond))
    wider = range_with(facts, label, name, (low - beyond, high))
    return wider or (range_with(facts, label, name, (low / 2, high)) if low > 0 else None)
