"""Synthetic confirmations: the metrics of 40 runs drawn to order, judged by the real judges."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from irer.base.goals import GOALS, GROUPS, MEASURE_VERSION, GroupName
from irer.base.records import Provenance
from irer.controls.groups import RUNS
from irer.controls.judging import assess
from irer.controls.records import ConfirmationReport, NullBests, NullReport, Pooled
from irer.controls.verdict import scientific
from tests.canned import make_metrics
from tests.fake_engine import make_record

MARGIN = 2.0  # below, or above, each goal: what a seed CV of 0.3 asks for
CV = 0.3  # of each metric from seed to seed, lognormal
GOOD = make_metrics(0.001, 0.0001, sdg_h_norm_relative=0.001)
FOUND = Pooled(
    n_snapshots=32, log_prime_sse=0.001, n_targets_resolved=8, p_position=0.01, p_lines=0.01
)


def null_hunts(decoys: int = 99, flat: int = 99, best: float = 1.3) -> NullReport:
    """Return a report on null hunts that says nothing but their bests."""
    bests = {"decoys": [best] * decoys, "flat": [best] * flat}
    return NullReport(
        hunt_id=_RUN.hunt_id,
        design_sha256="",
        measure_version=MEASURE_VERSION,
        statistic="smallest log_prime_sse of the hunt",
        best=0.005,
        kinds={kind: NullBests(n=len(b), p_hunt=None, bests=b) for kind, b in bests.items()},
        p_hunt=None,
    )


@dataclass(frozen=True)
class Scenario:
    """What the runs of a confirmation would measure: medians, scatter, what is wrong in a group.

    `wrong` is what one group has in the place of `medians`, or changes in its runs' metrics; the
    group is drawn at random, among the refinements alone where it is a difference from the base.
    """

    medians: dict[str, float] = field(
        default_factory=lambda: {name: goal / MARGIN for name, goal in GOALS.items()}
    )
    cv: dict[str, float] = field(default_factory=dict)  # CV unless it is named
    wrong: dict[str, Any] = field(default_factory=dict)
    among: tuple[GroupName, ...] = GROUPS


def draw(scenario: Scenario, rng: np.random.Generator) -> dict[GroupName, list[Provenance]]:
    """Return the records of one confirmation, by group."""
    there = scenario.among[rng.integers(len(scenario.among))]
    return {name: _group(scenario, scenario.wrong if name == there else {}, rng) for name in GROUPS}


def _group(scenario: Scenario, wrong: dict[str, Any], rng: np.random.Generator) -> list[Provenance]:
    columns: dict[str, list[Any]] = {name: [wrong[name]] * RUNS for name in wrong}
    for name in GOALS:
        sigma = np.sqrt(np.log(1 + scenario.cv.get(name, CV) ** 2))
        median = wrong.get(name, scenario.medians[name])
        columns[name] = (median * np.exp(sigma * rng.standard_normal(RUNS))).tolist()
    return [replicate(**{name: values[i] for name, values in columns.items()}) for i in range(RUNS)]


def replicate(**measured: Any) -> Provenance:
    """Return the record of a run that has measured this, unchecked: there are very many."""
    return _RUN.model_copy(update={"metrics": GOOD.model_copy(update=measured)})


def judged(runs: dict[GroupName, list[Provenance]]) -> ConfirmationReport:
    """Return the report on runs whose pooled p-values and discovery speak for them."""
    return assess(replicate(), runs, FOUND)


def word(report: ConfirmationReport) -> str:
    """Return the verdict when all else speaks for the run."""
    return scientific(GOOD, report, _NULL_HUNTS).scientific


def share_confirmed(scenario: Scenario, n: int, seed: int) -> float:
    """Return in how many of n confirmations the verdict is "confirmed"."""
    rng = np.random.default_rng(seed)
    return sum(word(judged(draw(scenario, rng))) == "confirmed" for _ in range(n)) / n


_RUN = make_record().model_copy(update={"metrics": GOOD})
_NULL_HUNTS = null_hunts(39, 39)
REFINEMENTS: tuple[GroupName, ...] = GROUPS[1:]
_LOW = {name: goal / 10 for name, goal in GOALS.items()}
TWICE = {name: MARGIN * goal for name, goal in GOALS.items()}

# What is drawn, the least and the largest share of "confirmed" that is promised.
SCENARIOS: dict[str, tuple[Scenario, float, float]] = {
    "all meet the goals with the margin": (Scenario(), 0.9, 1),
    "a scattered SSE far below its goal": (
        Scenario(_LOW, cv={"log_prime_sse": 0.8}), 0.9, 1,
    ),
    **{
        f"one group misses {name} with the margin": (Scenario(wrong={name: value}), 0, 0.01)
        for name, value in TWICE.items()
    },
    "one group is under-resolved": (Scenario(wrong={"under_resolved": True}), 0, 0.01),
    "one group has seven targets": (Scenario(wrong={"n_targets_resolved": 7}), 0, 0.01),
    "one group lies in the floor": (Scenario(wrong={"floor_limited": True}), 0, 0.01),
    "one group is transient": (Scenario(wrong={"settled": False}), 0, 0.01),
    "H differs by the factor": (
        Scenario(_LOW, wrong={"sdg_h_norm_l2": 2 * _LOW["sdg_h_norm_l2"]}, among=REFINEMENTS),
        0, 0.06,
    ),
    "H differs by its square": (
        Scenario(_LOW, wrong={"sdg_h_norm_l2": 4 * _LOW["sdg_h_norm_l2"]}, among=REFINEMENTS),
        0, 0.01,
    ),
    "SSE differs by its margin": (
        Scenario(
            _LOW, cv={"log_prime_sse": 0.1}, wrong={"log_prime_sse": 0.006}, among=REFINEMENTS
        ),
        0, 0.06,
    ),
    "H scatters too much to tell": (Scenario(_LOW, cv={"sdg_h_norm_l2": 0.8}), 0, 0.05),
}  # fmt: skip
