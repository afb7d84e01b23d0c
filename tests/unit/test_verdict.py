"""The words of the verdict, and that none of them is given away."""

from typing import Any

import pytest

from irer.base.checking import check
from irer.base.goals import MEASURE_VERSION
from irer.base.records import Metrics, SimulationOptions
from irer.base.results import NO_BEST_RUN
from irer.controls.fingerprint import design_of, sealed
from irer.controls.records import (
    ConfirmationOutcome,
    ConfirmationReport,
    Discovery,
    FormerReport,
    NullReport,
    Pooled,
)
from irer.controls.verdict import AN_EARLIER_ONE, ENGINEERING, engineering, judged, scientific
from settings import load
from tests.canned import make_metrics
from tests.fake_engine import make_plan, make_record
from tests.synthetic import null_hunts

REACHED = make_metrics(0.005, 0.0005, sdg_h_norm_relative=0.005)
NOT_REACHED = make_metrics(1.2, 0.0005, sdg_h_norm_relative=0.005)


def report(
    outcome: ConfirmationOutcome = "passed", p_position: float | None = 0.01, **changes: Any
) -> ConfirmationReport:
    """A report that says nothing but its outcome; p_matched and p_lines are large on purpose."""
    run = make_record()
    found: dict[str, Any] = {"measure_version": MEASURE_VERSION}
    return ConfirmationReport(
        job_uuid=run.job_uuid,
        hunt_id=run.hunt_id,
        discovery=Discovery(global_seed=1, simulation=SimulationOptions(), metrics=REACHED),
        groups=[],
        comparisons=[],
        pooled=Pooled(
            n_snapshots=20,
            log_prime_sse=0.005,
            n_targets_resolved=8,
            p_position=p_position,
            p_lines=0.9,
            p_matched=0.9,
        ),
        outcome=outcome,
        findings=[],
        **(found | changes),
    )


def former() -> FormerReport:
    """A report of version 1 that passed."""
    run = make_record()
    return FormerReport(
        schema_version=1,
        job_uuid=run.job_uuid,
        hunt_id=run.hunt_id,
        discovery=Discovery(global_seed=1, simulation=SimulationOptions(), metrics=REACHED),
        groups=[],
        pooled=report().pooled,
        passed=True,
        findings=[],
    )


def word(metrics: Metrics, *controls: Any) -> str:
    return scientific(metrics, *controls).scientific


def test_the_three_words():
    assert word(NOT_REACHED, None, None) == "not reached"
    assert word(REACHED, None, None) == "reached"
    assert word(REACHED, report(), null_hunts()) == "confirmed"


@pytest.mark.parametrize(
    "speaks_against",
    [
        {"log_prime_sse": 0.01},
        {"sdg_h_norm_l2": 0.001},
        {"sdg_h_norm_relative": 0.01},
        {"n_targets_resolved": 7},
        {"under_resolved": True},
        {"floor_limited": True},
        {"settled": False},
        {"settled": None},
        {"measure_version": 1},
    ],
)
def test_each_condition_alone_keeps_a_run_from_reached(speaks_against):
    metrics = REACHED.model_copy(update=speaks_against)
    assert word(metrics, report(), null_hunts()) == "not reached"


@pytest.mark.parametrize(
    ("controls", "missing"),
    [
        ((None, null_hunts()), "no confirmation"),
        ((report("not passed"), null_hunts()), "the confirmation did not pass"),
        (
            (report("unresolved"), null_hunts()),
            "the confirmation is unresolved: its seeds scatter too much to tell",
        ),
        ((former(), null_hunts()), AN_EARLIER_ONE),
        ((report(measure_version=1), null_hunts()), AN_EARLIER_ONE),
        ((report(p_position=0.05), null_hunts()), "p_position = 0.05 is not below 0.05"),
        ((report(p_position=None), null_hunts()), "no p_position"),
        ((report(), None), "no p_hunt"),
        ((report(), null_hunts(decoys=0)), "no p_hunt"),
        ((report(), null_hunts(decoys=19)), "p_hunt = 0.05 is not below 0.05"),  # n is too small
        ((report(), null_hunts(best=0.004, flat=0)), "p_hunt = 1 is not below 0.05"),
        ((report(), null_hunts(flat=19)), "p_flat = 0.05 is not below 0.05"),
    ],
)
def test_one_thing_missing_is_not_confirmed_and_is_said(controls, missing):
    verdict = scientific(REACHED, *controls)
    assert verdict.scientific == "reached"
    assert verdict.missing == [missing]


def test_controls_never_lift_what_is_not_reached():
    assert word(NOT_REACHED, report(), null_hunts(best=1.9)) == "not reached"


def test_the_flat_witness_is_asked_where_it_is_known():
    assert word(REACHED, report(), null_hunts(flat=0)) == "confirmed"


def test_what_stands_beside_is_told_and_judges_nothing():
    verdict = scientific(REACHED, report(), null_hunts())
    assert (verdict.p_matched, verdict.p_lines, verdict.scientific) == (0.9, 0.9, "confirmed")


def test_nothing_of_an_earlier_confirmation_is_used():
    verdict = scientific(REACHED, former(), null_hunts())
    assert (verdict.confirmation, verdict.p_position) == (None, None)


def test_p_hunt_is_of_the_decoys_and_p_flat_beside_it_each_with_its_n():
    nulls = null_hunts()
    flat = nulls.kinds["flat"].model_copy(update={"bests": [0.004, None] + [1] * 37})
    nulls = nulls.model_copy(update={"kinds": nulls.kinds | {"flat": flat}})
    verdict = scientific(REACHED, None, nulls)
    assert (verdict.p_hunt, verdict.p_flat) == (1 / 100, 2 / 40)
    assert verdict.n_null_hunts == {"decoys": 99, "flat": 39}


def test_engineering_words():
    plan = make_plan(state="Completed", generation=2)  # two generations of three
    assert engineering(plan, 6, 0) == (True, ENGINEERING)
    assert engineering(plan, 6, 1)[1].startswith("1 jobs stalled")
    assert engineering(plan, 5, 0) == (False, "5 of 6 jobs have their provenance")
    stopped = engineering(make_plan(state="Stopped", generation=1), 2, 0)
    assert stopped[0] is False
    assert stopped[1].startswith("the hunt is stopped in generation 1 of 2; 2 of 6 jobs")
    rule = make_plan(state="Completed", generation=1, message="the hypervolume has not grown")
    assert engineering(rule, 3, 0) == (
        True,
        f"{ENGINEERING} (ended after 1 of 2: the hypervolume has not grown)",
    )


def test_a_hunt_without_a_run_stays_as_it_is(tmp_path):
    assert judged(NO_BEST_RUN, load(home=tmp_path).home, (True, ENGINEERING)) == NO_BEST_RUN


@pytest.mark.parametrize(
    "change",
    [
        {"search_space": {"kappa": (0.2, 1.0)}},
        {"num_generations": 3},
        {"population_size": 4},
        {"sampler": "random"},
        {"model": "sncgl_flat"},
        {"simulation": SimulationOptions(N_grid=64)},
        {"seed": 8},
        {"max_stagnation": 2},
    ],
)
def test_the_fingerprint_covers_the_whole_design(change):
    plan = make_plan()
    assert sealed(plan.model_copy(update=change)).design_sha256 != sealed(plan).design_sha256


def test_the_fingerprint_is_blind_to_how_far_the_hunt_is():
    plan = sealed(make_plan())
    later = {"generation": 2, "job_uuids": ("a",), "state": "Paused", "message": "full"}
    assert sealed(plan.model_copy(update=later | {"runner": "dask"})) == plan.model_copy(
        update=later | {"runner": "dask"}
    )


def test_the_design_names_objective_thresholds_and_bounds():
    design = design_of(make_plan())
    assert design["thresholds"]["log_prime_sse"] == 0.01
    assert design["order"]["search_space"] == {"kappa": [0.1, 1.0]}
    assert design["statistic"] == "smallest log_prime_sse of the hunt"


def test_null_hunts_of_another_measure_are_not_used():
    earlier = null_hunts().model_copy(update={"measure_version": 1})
    assert scientific(REACHED, None, earlier).p_hunt is None
    earlier = check(NullReport, earlier.model_dump(exclude={"measure_version"}))
    assert scientific(REACHED, None, earlier).n_null_hunts == {}
