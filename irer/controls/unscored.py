"""Why runs have no score, and how they would get one, in words for page and command line."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

from irer.base.goals import NO_SCORE, NO_SCORE_CURES, NoScore
from irer.base.jobs import INFRASTRUCTURE

_SHORT: dict[NoScore, str] = {
    "other_measure": "of another version of the measure",
    "under_resolved": "under-resolved",
    "floor_limited": "floor-limited",
    "transient": "not settled",
}
_NARROWER = "narrower ranges, or a smaller simulation.dt"
_LOOK = "the log says why"


class Judged(Protocol):
    """A run, from the ledger or the hub's table."""

    @property
    def no_score(self) -> NoScore | None:
        """Why a complete run has no fitness."""

    @property
    def reason(self) -> str | None:
        """Why a failed run failed."""


def count_unscored(runs: Iterable[Judged]) -> tuple[int, Counter[NoScore], Counter[str]]:
    """Return how many runs there are, how many lack a score by reason, and the failed by reason."""
    total, unscored, failed = 0, Counter[NoScore](), Counter[str]()
    for run in runs:
        total += 1
        if run.no_score is not None:
            unscored[run.no_score] += 1
        elif run.reason is not None:
            failed[run.reason] += 1
    return total, unscored, failed


def words_on_unscored(
    total: int, unscored: Mapping[NoScore, int], failed: Mapping[str, int]
) -> str | None:
    """Return how many of `total` runs have no score, why, and the cure; None if all have one."""
    without = sum(unscored.values()) + sum(failed.values())
    if not without:
        return None
    parts = [
        f"{unscored[why]:,} {_SHORT[why]} ({NO_SCORE_CURES[why]})"
        for why in sorted(NO_SCORE, key=lambda why: -unscored.get(why, 0))
        if unscored.get(why)
    ]
    if failed:
        parts.append(_failures(failed))
    if without == total:
        head = "The only run has no score" if total == 1 else f"None of {total:,} runs has a score"
    else:
        have, are = ("has", "is") if without == 1 else ("have", "are")
        head = f"{without:,} of {total:,} runs {have} no score and {are} in no chart"
    return f"{head}: {', '.join(parts)}."


def _failures(failed: Mapping[str, int]) -> str:
    """Return how many failed, by reason, the commonest first."""
    most_first = sorted(failed.items(), key=lambda item: (-item[1], item[0]))
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in most_first)
    of_the_machine = all(reason in INFRASTRUCTURE for reason in failed)
    return f"{sum(failed.values()):,} failed ({reasons}: {_LOOK if of_the_machine else _NARROWER})"
