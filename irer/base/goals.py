"""What counts as good, and which runs count: one list for validator, search, controls and pages.

Also the names of the controls: the groups of a confirmation, the kinds of null hunts.

Formulas and reasons are in docs/metrics.md.
"""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

from irer.base.records import Metrics

MEASURE_VERSION = 2  # of the metrics; runs of another version are shown, never learned from
SSE_GOAL = 0.01
H_NORM_GOAL = 0.001
RELATIVE_VIOLATION_GOAL = 0.01
N_TARGETS = 8

MetricName = Literal["log_prime_sse", "sdg_h_norm_l2"]  # the scores, compared between groups
GoalName = Literal["log_prime_sse", "sdg_h_norm_l2", "sdg_h_norm_relative"]  # with a goal
METRICS: tuple[MetricName, ...] = get_args(MetricName)
GOALS: dict[GoalName, float] = {
    "log_prime_sse": SSE_GOAL,
    "sdg_h_norm_l2": H_NORM_GOAL,
    "sdg_h_norm_relative": RELATIVE_VIOLATION_GOAL,
}

_Group = Literal["own_settings", "finer_grid", "half_step", "larger_box", "float64"]


def _named(name: object) -> object:
    """Return the name of a group; before 11.3 that of the first was another."""
    return "own_settings" if name == "base" else name


GroupName = Annotated[_Group, BeforeValidator(_named)]
GROUP_NAMES: dict[GroupName, str] = {  # of a confirmation, in words for people
    "own_settings": "own settings",
    "finer_grid": "N × 2",
    "half_step": "dt / 2",
    "larger_box": "L × 1.5",
    "float64": "float64",
}
GROUPS: tuple[GroupName, ...] = get_args(_Group)
ConfirmationOutcome = Literal["passed", "not passed", "unresolved"]
NullKind = Literal["decoys", "flat"]  # of null hunts
NULL_KINDS: tuple[NullKind, ...] = get_args(NullKind)

# Why a complete run has no fitness; the first reason that applies is given.
NoScore = Literal["other_measure", "under_resolved", "floor_limited", "transient"]
NO_SCORE: tuple[NoScore, ...] = get_args(NoScore)
NO_SCORE_WORDS: dict[NoScore, str] = {
    "other_measure": f"scored by another version of the measure than {MEASURE_VERSION}",
    "under_resolved": "the grid does not resolve the field",
    "floor_limited": "part of the spectrum lies in the noise floor",
    "transient": "the run was not settled at its end",
}

NO_SCORE_CURES: dict[NoScore, str] = {  # what lets such a run have a score
    "other_measure": "validation_pipeline.py --rescore",
    "under_resolved": "a finer grid: simulation.N_grid",
    "floor_limited": "more digits: simulation.precision float64",
    "transient": "longer runs: simulation.T_steps",
}


def constraint_violation(metrics: Metrics) -> float:
    """Return max(sdg_h_norm_l2 / 0.001, sdg_h_norm_relative / 0.01): below 1 both goals are met."""
    return max(
        metrics.sdg_h_norm_l2 / H_NORM_GOAL, metrics.sdg_h_norm_relative / RELATIVE_VIOLATION_GOAL
    )


def why_no_score(metrics: Metrics) -> NoScore | None:
    """Return why a complete run counts neither as best nor for the search; None if it counts."""
    if metrics.measure_version != MEASURE_VERSION:
        return "other_measure"
    if metrics.under_resolved:
        return "under_resolved"
    if metrics.floor_limited:
        return "floor_limited"
    return None if metrics.settled else "transient"
