"""Rule: failed candidates lie in one part of the search space."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.base.jobs import INFRASTRUCTURE
from irer.base.seeds import generator
from irer.controls.reading.actions import range_with
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Evidence, Finding
from irer.home.ledger_row import LedgerRow

LEVEL = 0.005  # of the permutation test over all parameters together
FEWEST = 5  # failed candidates, and others
SHUFFLES = 999
NEWEST = 2000  # runs that are looked at

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """A value of one parameter that parts failed candidates from others best."""

    name: str
    at: float
    above: bool  # whether the failed ones lie above it
    failed_beyond: int
    others_beyond: int


def failing_region(facts: HuntFacts) -> list[Finding]:
    """Return a finding where failed candidates lie higher or lower in a parameter than others.

    The statistic is the largest difference, over the parameters, of the mean ranks of failed and
    other runs. Labels are shuffled within generations, because both the parameters and the share
    of failures change while the search learns. Failures of the machine are left out.
    """
    runs = [row for row in facts.rows if row.reason not in INFRASTRUCTURE][-NEWEST:]
    rows = list({row.candidate: row for row in runs}.values())  # its repeats lie at one place
    bad = {row.candidate for row in runs if row.reason is not None}
    failed = np.array([row.candidate in bad for row in rows], dtype=bool)
    names = list(facts.plan.search_space)
    if min(failed.sum(), (~failed).sum()) < FEWEST or not names:
        return []
    values = np.array([[getattr(row.params, name) for name in names] for row in rows])
    differences, p = _shuffled(values, failed, rows, facts.plan.seed)
    if p >= LEVEL:
        return []
    worst = int(np.argmax(np.abs(differences)))
    split = _split(names[worst], values[:, worst], failed, differences[worst] > 0)
    return [_finding(facts, split, int(failed.sum()), int((~failed).sum()))]


def _shuffled(
    values: Array, failed: NDArray[np.bool_], rows: list[LedgerRow], seed: int
) -> tuple[Array, float]:
    """Return the differences of mean ranks, by parameter, and p of the largest."""
    ranks = values.argsort(axis=0).argsort(axis=0).astype(float)
    labels = np.tile(failed, (SHUFFLES, 1))
    generations, rng = np.array([row.generation for row in rows]), generator("reading", seed)
    for generation in np.unique(generations):
        members = np.flatnonzero(generations == generation)
        labels[:, members] = rng.permuted(labels[:, members], axis=1)
    observed = _differences(ranks, failed[None])[0]
    by_chance = np.abs(_differences(ranks, labels)).max(axis=1)
    as_large = int(np.sum(by_chance >= np.abs(observed).max()))
    return observed, (1 + as_large) / (1 + SHUFFLES)


def _differences(ranks: Array, failed: NDArray[np.bool_]) -> Array:
    """Return mean ranks of failed candidates less those of others, by labelling, parameter."""
    n = failed.sum(axis=1)[:, None]
    of_failed = failed.astype(float) @ ranks
    found: Array = of_failed / n - (ranks.sum(axis=0) - of_failed) / (failed.shape[1] - n)
    return found


def _split(name: str, values: Array, failed: NDArray[np.bool_], above: bool) -> Split:
    """Return the value beyond which the shares of failed and other runs differ most."""

    def beyond(at: float) -> NDArray[np.bool_]:
        return values >= at if above else values <= at

    def gain(at: float) -> float:
        return float(beyond(at)[failed].mean() - beyond(at)[~failed].mean())

    at = max(np.unique(values[failed]).tolist(), key=gain)
    inside = beyond(at)
    return Split(name, at, above, int(inside[failed].sum()), int(inside[~failed].sum()))


def _finding(facts: HuntFacts, split: Split, failed: int, others: int) -> Finding:
    low, high = facts.plan.search_space[split.name]
    ends = (low, split.at) if split.above else (split.at, high)
    side = "above" if split.above else "below"
    return Finding(
        rule="failures",
        words=f"{split.failed_beyond} of {failed} failed candidates have {split.name} at or {side} "
        f"{split.at:.3g}, and {split.others_beyond} of the {others} others.",
        because=f"Failures shuffled within generations part so in less than {LEVEL:.1%} of trials.",
        threshold=LEVEL,
        evidence=[
            Evidence(name=name, value=value, source=facts.ledger)
            for name, value in (
                ("failed candidates", failed),
                ("other candidates", others),
                ("failed candidates beyond", split.failed_beyond),
                ("other candidates beyond", split.others_beyond),
                (split.name, split.at),
            )
        ],
        action=range_with(facts, f"Narrow {split.name}", split.name, ends),
    )
