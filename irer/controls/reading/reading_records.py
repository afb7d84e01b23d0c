"""`hunts/{hunt_id}/reading.json`: the record of a reading (docs/reading.md)."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, field_validator

from irer.base.checking import Record
from irer.base.goals import GoalName
from irer.base.html import items, paragraph, shown, table
from irer.base.hunt_records import Recommended, VarianceShare
from irer.base.records import Bounds, canonical_uuid

RuleName = Literal[
    "confirm",
    "unscored",
    "bound",
    "failures",
    "parameters",
    "random",
    "chance",
    "sensitivity",
    "standing_still",
]
ActionKind = Literal["hunt", "decoy_hunts", "random_control", "sensitivity", "confirm", "rescore"]


class Evidence(Record):
    """One number, or name, that a finding rests on, and the file of the home that has it."""

    name: str
    value: float | int | str
    source: str  # the path of the file below the home


class Action(Record):
    """What to do about a finding: a button of the page, or a command."""

    kind: ActionKind
    label: str  # of the button
    command: str  # the same from the command line
    changes: dict[str, Any] = Field(default_factory=dict)  # of the order of the next hunt
    job_uuid: str | None = None  # of the run that is to be confirmed
    number: int | None = None  # of decoy hunts
    seconds: float | None = None  # about how long it takes; None: not known
    can_succeed: bool = True  # a button that cannot is not the page's main one


class Finding(Record):
    """Something to know about a hunt, and what to do about it."""

    rule: RuleName
    words: str  # what was found, with its numbers
    because: str  # how it was decided, with the threshold
    threshold: float
    evidence: list[Evidence]
    action: Action | None

    @property
    def command(self) -> str | None:
        """The command of what can be done about it; None where nothing can, or it would fail."""
        return self.action.command if self.action is not None and self.action.can_succeed else None


class Gauge(Record):
    """One criterion of the verdict for the best run."""

    name: GoalName | Literal["n_targets_resolved"]
    value: float
    goal: float
    met: bool
    band: Bounds | None  # what fresh seeds gave in a confirmation: smallest and largest
    chance: Bounds | None = None  # of the best of the decoy hunts, 5 to 95%; of the score alone

    def cells(self) -> tuple[str, ...]:
        """Return it as a row of a table, of the columns GAUGE_COLUMNS."""
        bands = ("" if each is None else _range(*each) for each in (self.chance, self.band))
        return self.name, shown(self.value), shown(self.goal), "yes" if self.met else "no", *bands


GAUGE_COLUMNS = ("", "value", "goal", "met", "decoy hunts (5 to 95%)", "over fresh seeds")


def _range(low: float, high: float) -> str:
    return f"{shown(low)} to {shown(high)}"


class BestReading(Record):
    """The hunt's best run against the goals."""

    job_uuid: str
    gauges: list[Gauge]


class Chance(Record):
    """What the hunt's decoy hunts found."""

    n: int  # complete decoy hunts
    low: float | None  # 5% and 95% quantiles of their best scores; None: none has a score
    high: float | None
    as_good: float  # the share of them whose best is as good as the hunt's
    p_hunt: float
    n_hunts: int  # of the home that have a p_hunt
    p_holm: float  # p_hunt corrected for them after Holm

    @property
    def band(self) -> Bounds | None:
        """The 5 to 95% range of the decoy hunts' best; None where none has a score."""
        return None if self.low is None or self.high is None else (self.low, self.high)


class Reading(Record):
    """What a hunt means."""

    schema_version: Literal[1, 2] = 2  # 1, until 11.2, knew less
    hunt_id: str
    measure_version: int
    complete: bool  # the hunt has reached its end
    n_runs: int
    n_with_score: int
    verdict: Literal["reached", "confirmed", "not reached"] | None  # None: no run has a score
    sentence: str
    best: BestReading | None
    recommended: Recommended | None = None  # of a hunt that has ended: what fresh seeds would give
    variance_share: dict[str, VarianceShare] = Field(default_factory=dict)  # by objective
    chance: Chance | None
    a95: float | None  # the height of lines that would have been seen in 95% of trials
    upper_limit: float | None
    findings: list[Finding]  # the weightiest first

    _uuid = field_validator("hunt_id")(canonical_uuid)

    def _repr_html_(self) -> str:
        """Return the sentence, the best run's gauges, and the findings with their commands."""
        parts = [paragraph(self.sentence)]
        if self.best is not None:
            rows = (gauge.cells() for gauge in self.best.gauges)
            parts.append(table(f"best run {self.best.job_uuid}", GAUGE_COLUMNS, rows))
        parts += map(paragraph, (*recommended_lines(self), *share_lines(self)))
        if self.findings:
            parts.append(items((each.words, each.command) for each in self.findings))
        return "".join(parts)


def recommended_lines(reading: Reading) -> Iterator[str]:
    """Yield what the recommended candidate is expected to give on fresh seeds."""
    found = reading.recommended
    if found is None:
        return
    expected = ", ".join(
        f"{name} {each.mean:.3g} ({each.low:.3g} to {each.high:.3g})"
        for name, each in found.expected.items()
    )
    runs = "1 run" if found.runs == 1 else f"{found.runs} runs"
    yield (
        f"Recommended: candidate {found.candidate[:8]} ({runs}); mean of {found.fresh_seeds} fresh "
        f"seeds, with {found.level:.0%} intervals: {expected}."
    )


def share_lines(reading: Reading) -> Iterator[str]:
    """Yield how much of each objective's variance the parameters decide."""
    for name, found in reading.variance_share.items():
        yield (
            f"The parameters decide {found.share:.0%} of the variance of {name} "
            f"({found.level:.0%} interval {found.low:.0%} to {found.high:.0%}, "
            f"{found.candidates} candidates under several seeds)."
        )
