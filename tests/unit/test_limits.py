import threading
import time

import pytest

import core_engine
from aste_hunter import Hunter
from irer.base.files import read_json
from irer.base.records import RunState
from irer.hunt.control import HuntControl
from irer.hunt.limits import WallTime
from tests.canned import CannedRunner, canned_record, make_metrics
from tests.hunts import home, ledger, ledger_bar_names, order, run_canned


@pytest.fixture
def settings(tmp_path):
    return home(tmp_path)


def flat(job):
    """Every run is as good as every other; the first three generations get better."""
    metrics = make_metrics(1.0 - 0.1 * min(job.generation, 3), 0.5)
    return canned_record(job).model_copy(
        update={"state": RunState.COMPLETE, "metrics": metrics, "error": None}
    )


def test_hunt_ends_when_its_hypervolume_stands(settings):
    asked = order(num_generations=50, population_size=2, max_stagnation=4)
    plan = core_engine.plan_hunt(asked, settings)
    best = run_canned(settings, plan, runner=CannedRunner(settings, flat))
    assert len(ledger(settings)) == (3 + 4) * 2
    stored = read_json(settings.home.hunt_file)
    assert stored["state"] == "Completed"
    assert stored["message"] == "the hypervolume has not grown for 4 generations"
    assert best["log_prime_sse"] == pytest.approx(0.7)
    hunter = Hunter.of_plan(plan, settings.home)
    assert (hunter.stagnation(1, 8), hunter.stagnation(6, 8), hunter.stagnation(8, 8)) == (4, 2, 0)


def test_stagnation_is_the_same_after_a_resume(tmp_path):
    whole, halved = home(tmp_path / "whole"), home(tmp_path / "halved")
    asked = order(num_generations=50, population_size=2, max_stagnation=4)
    run_canned(whole, core_engine.plan_hunt(asked, whole), runner=CannedRunner(whole, flat))
    control = HuntControl()

    def stop_in_the_fifth(job):
        if job.generation == 5:
            control.stop()
        return flat(job)

    runner = CannedRunner(halved, stop_in_the_fifth)
    run_canned(halved, core_engine.plan_hunt(asked, halved), runner=runner, control=control)
    assert read_json(halved.home.hunt_file)["state"] == "Stopped"
    run_canned(halved, core_engine.load_plan(halved.home), runner=CannedRunner(halved, flat))
    assert ledger_bar_names(halved) == ledger_bar_names(whole)
    assert read_json(halved.home.hunt_file)["message"] == read_json(whole.home.hunt_file)["message"]


def test_a_hunt_without_rules_runs_its_whole_budget(settings):
    plan = core_engine.plan_hunt(order(num_generations=9, population_size=2), settings)
    assert (plan.max_wall_s, plan.max_stagnation) == (None, None)
    run_canned(settings, plan, runner=CannedRunner(settings, flat))
    assert len(ledger(settings)) == 18
    assert read_json(settings.home.hunt_file)["message"] is None


def test_hunt_stops_when_its_wall_time_is_used_up_and_can_be_resumed(settings):
    asked = order(num_generations=20, sampler="random", max_wall_s=1.0)
    plan = core_engine.plan_hunt(asked, settings)

    def slow(job):
        time.sleep(0.1)
        return canned_record(job)

    run_canned(settings, plan, runner=CannedRunner(settings, slow))
    stored = read_json(settings.home.hunt_file)
    assert stored["state"] == "Stopped"
    assert stored["message"] == "the wall time of 1 s is used up"
    done = len(list(settings.home.provenance_dir.iterdir()))
    assert 0 < done < plan.total_jobs
    # Each resume has a second again.
    while read_json(settings.home.hunt_file)["state"] == "Stopped":
        run_canned(settings, core_engine.load_plan(settings.home))
    assert len(ledger(settings)) == plan.total_jobs


def test_wall_time_leaves_no_timer_behind():
    control = HuntControl()
    limit = WallTime(3600, control)
    before = threading.active_count()
    with limit.watched():
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    assert limit.message is None
    assert not control.stopping


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [("max_wall_s", 0.5, "from 1 to"), ("max_stagnation", 0, "from 1 to 100,000")],
)
def test_rules_out_of_range_are_refused(monkeypatch, name, value, allowed):
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        order(**{name: value})
    monkeypatch.setenv(f"IRER_{name.upper()}", str(value))
    with pytest.raises(core_engine.IrerError, match=f"IRER_{name.upper()}: must be .*{allowed}"):
        home(core_engine.Path("unused"))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model": "fmia"}, "the model fmia"),
        ({"simulation": {"geometry": "constraint"}}, "the geometry constraint"),
    ],
)
def test_polish_is_refused_where_there_is_no_gradient(tmp_path, changes, named):
    asked = order(polish_generations=1, **changes)
    with pytest.raises(core_engine.IrerError, match=f"^polish_generations: must be 0 for {named}"):
        core_engine.plan_hunt(asked, home(tmp_path))
    with pytest.raises(core_engine.IrerError, match=r"^polish_generations: .* got 2"):
        core_engine.plan_hunt(order(**changes), home(tmp_path, polish_generations=2))
    flat = order(polish_generations=1, **changes | {"model": "sncgl_flat"})
    assert core_engine.plan_hunt(flat, home(tmp_path)).polish_generations == 1
