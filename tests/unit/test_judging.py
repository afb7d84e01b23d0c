"""What a confirmation may not pass over, and what may not stop it."""

import json
import uuid
from typing import Any

import pytest

from irer.base.checking import check
from irer.base.goals import GROUP_NAMES, GROUPS
from irer.base.records import FailureReason, Provenance, RunError, RunState
from irer.controls.groups import RUNS
from irer.controls.records import ConfirmationPlan, ConfirmationReport
from tests.synthetic import GOOD, judged, replicate, word

Runs = dict[str, list[Provenance]]


def runs(**changes: dict[str, Any]) -> Runs:
    """Eight equal runs a group; `changes` are of the metrics of a whole group."""
    return {name: [replicate(**changes.get(name, {})) for _ in range(RUNS)] for name in GROUPS}


def scattered(factor: float) -> list[Provenance]:
    """Eight runs whose H-norms scatter with a CV of 0.3 about `factor` times the good one."""
    spread = [0.62, 0.74, 0.85, 0.95, 1.05, 1.17, 1.35, 1.61]
    return [replicate(sdg_h_norm_l2=factor * GOOD.sdg_h_norm_l2 * each) for each in spread]


def test_all_well_is_confirmed():
    report = judged(runs())
    assert (report.outcome, report.findings, word(report)) == ("passed", [], "confirmed")
    assert all(group.holds for group in report.groups)
    assert [c.outcome for c in report.comparisons] == ["equivalent"] * 8


# The cases of which version 1 said "confirmed" although they are wrong.


def test_all_under_resolved():
    report = judged(runs(**{name: {"under_resolved": True} for name in GROUPS}))
    assert (report.outcome, word(report)) == ("not passed", "reached")
    assert "own settings: 8 of 8 runs: the grid does not resolve the field" in report.findings
    assert not any(group.holds for group in report.groups)


def test_every_refinement_misses_the_goal_in_every_run():
    off = {"log_prime_sse": 0.0105}  # within the margin of 0.005 of own settings that meet it
    found = runs(**dict.fromkeys(GROUPS[1:], off), own_settings={"log_prime_sse": 0.008})
    report = judged(found)
    assert [c.outcome for c in report.comparisons] == ["equivalent"] * 8
    assert (report.outcome, word(report)) == ("not passed", "reached")
    assert "N × 2: median log_prime_sse 0.0105 is not below 0.01" in report.findings
    assert [group.holds for group in report.groups] == [True] + [False] * 4


def test_a_relative_violation_of_a_half_in_all_refinements():
    report = judged(runs(**{name: {"sdg_h_norm_relative": 0.5} for name in GROUPS[1:]}))
    assert (report.outcome, word(report)) == ("not passed", "reached")
    assert "dt / 2: median sdg_h_norm_relative 0.5 is not below 0.01" in report.findings


def test_not_to_reject_is_not_to_agree():
    """Three times the H-norm: Welch's test let it pass in 29% at this scatter."""
    found: Any = runs() | {"own_settings": scattered(1), "larger_box": scattered(3)}
    report = judged(found)
    (told,) = [text for text in report.findings if text.startswith("L × 1.5")]
    assert told.startswith("L × 1.5: sdg_h_norm_l2 differs (ratio to the own settings 3,")
    assert (report.outcome, word(report)) == ("not passed", "reached")


def test_a_shift_of_a_ten_thousandth_does_not_block():
    shifted = {"sdg_h_norm_l2": 1.0001 * GOOD.sdg_h_norm_l2}
    report = judged(runs(half_step=shifted))
    assert (report.outcome, word(report)) == ("passed", "confirmed")


# What else counts.


def test_scatter_that_decides_nothing_is_said_as_such():
    found: Any = runs() | {"own_settings": scattered(1), "finer_grid": scattered(1.7)}
    report = judged(found)
    assert (report.outcome, word(report)) == ("unresolved", "reached")
    (told,) = report.findings
    assert told.startswith("N × 2: whether sdg_h_norm_l2 agrees is unresolved: the seeds")


def test_what_is_known_to_be_wrong_goes_before_what_is_unresolved():
    found: Any = runs(float64={"settled": False}) | {"own_settings": scattered(1)}
    found["finer_grid"] = scattered(1.7)
    assert judged(found).outcome == "not passed"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"settled": False}, "1 of 8 runs: the run was not settled at its end"),
        ({"settled": None}, "1 of 8 runs: the run was not settled at its end"),
        ({"floor_limited": True}, "1 of 8 runs: part of the spectrum lies in the noise floor"),
        ({"under_resolved": True}, "1 of 8 runs: the grid does not resolve the field"),
        ({"measure_version": 1}, "1 of 8 runs: scored by another version of the measure than 2"),
        ({"n_targets_resolved": 7}, "1 of 8 runs do not resolve all 8 targets"),
    ],
)
@pytest.mark.parametrize("group", GROUPS)
def test_one_run_without_a_score_is_enough(group, change, told):
    found = runs()
    found[group][3] = replicate(**change)
    report = judged(found)
    assert report.findings == [f"{GROUP_NAMES[group]}: {told}"]
    assert report.outcome == "not passed"


def test_one_failed_run_is_enough():
    found = runs()
    error = RunError(reason=FailureReason.NONFINITE, message="last good time 1")
    found["float64"][0] = found["float64"][0].model_copy(
        update={"metrics": None, "error": error, "state": RunState.FAILED}
    )
    assert judged(found).findings == ["float64: 1 of 8 runs failed (NONFINITE)"]


def test_seven_of_eight_may_meet_a_goal_six_may_not():
    for misses, outcome in ((1, "passed"), (2, "not passed")):
        found = runs()
        found["own_settings"][:misses] = [replicate(sdg_h_norm_relative=0.02)] * misses
        report = judged(found)
        assert report.outcome == outcome
    assert report.findings == [
        "own settings: sdg_h_norm_relative is below 0.01 in 6 of 8 runs, at least 7 must be"
    ]


def test_h_norms_far_below_the_goal_agree():
    """What a solver leaves, or nothing at all: there a factor means nothing."""
    report = judged(runs(float64={"sdg_h_norm_l2": 1e-12}, own_settings={"sdg_h_norm_l2": 9e-6}))
    assert {c.outcome for c in report.comparisons if c.group == "float64"} == {"equivalent"}
    zero = {name: {"sdg_h_norm_l2": 0.0} for name in GROUPS}
    assert judged(runs(**zero)).outcome == "passed"


def test_without_two_complete_runs_nothing_is_compared():
    found = runs()
    error = RunError(reason=FailureReason.WORKER_TIMEOUT, message="600 s")
    failed = {"metrics": None, "error": error, "state": RunState.FAILED}
    found["own_settings"] = [run.model_copy(update=failed) for run in found["own_settings"]]
    report = judged(found)
    assert (report.outcome, report.comparisons) == ("not passed", [])
    assert report.group("own_settings").spread == {}


def test_a_confirmation_of_before_names_its_first_group_otherwise() -> None:
    """Until 11.3 it was called base, in its plan and its report."""
    report = judged(runs())
    old = json.loads(report.model_dump_json().replace('"own_settings"', '"base"'))
    assert old["groups"][0]["name"] == "base"
    assert check(ConfirmationReport, old) == report
    ids = {name: [str(uuid.uuid4())] for name in GROUPS}
    plan = {"job_uuid": str(uuid.uuid4()), "job_uuids": {"base": ids["own_settings"]}}
    assert check(ConfirmationPlan, plan).job_uuids == {"own_settings": ids["own_settings"]}
