"""The control hunt: equal budget and seeds, random draws, a home of its own, exact resume."""

import shutil
import uuid
from contextlib import nullcontext
from typing import Any

import pytest

import core_engine
from components.random_control import random_control as component
from irer.base.errors import ConflictError
from irer.base.files import read_json
from irer.base.results import FinalResult
from irer.controls import random_control
from irer.controls.reading import read_reading
from irer.controls.records import ControlReport
from irer.home.registry import load_plan
from irer.hunt.control import HuntControl
from irer.hunt.observer import SilentObserver
from settings import Settings
from tests.canned import CannedRunner
from tests.hunts import home, ledger, ledger_bar_names, order, run_canned


def control_of(settings: Settings, after: int | None = None) -> ControlReport:
    """Run the control hunt, stopped after so many jobs if given."""
    control = HuntControl()

    class Watching(SilentObserver):
        def job_committed(self, _record: Any) -> None:
            if after is not None and len(ledger(own)) >= after:
                control.stop()

    def run_hunt(**given: Any) -> FinalResult:
        return core_engine.run_hunt(**given, runner=CannedRunner(given["settings"]))

    own = settings.model_copy(
        update={"home": settings.home.control_hunt(load_plan(settings.home).hunt_id)}
    )
    return random_control.run(settings, run_hunt, core_engine.new_id, Watching(), control)


def test_it_has_the_seeds_and_the_budget_and_leaves_the_home_alone(tmp_path):
    settings = home(tmp_path)
    run_canned(settings, core_engine.plan_hunt(order(sampler="nsga2"), settings))
    before = settings.home.ledger_file.read_bytes()
    assert not control_of(settings, after=5).complete
    report = control_of(settings)
    own = home(settings.home.control_hunt(report.hunt_id).folder)
    assert [row["global_seed"] for row in ledger(own)] == [
        row["global_seed"] for row in ledger(settings)
    ]
    assert {row["c1"] for row in ledger(own)} != {row["c1"] for row in ledger(settings)}
    assert load_plan(own.home).sampler == "random"
    assert settings.home.ledger_file.read_bytes() == before
    assert report.complete
    assert report.hunt.runs == report.random.runs == 12
    assert report.random.hypervolume > 0
    assert control_of(settings) == report


def test_an_interrupted_one_draws_what_a_whole_one_draws(tmp_path):
    settings = home(tmp_path / "one")
    run_canned(settings, core_engine.plan_hunt(order(sampler="nsga2"), settings))
    shutil.copytree(settings.home.folder, tmp_path / "two")
    other = home(tmp_path / "two")
    assert not control_of(settings, after=5).complete
    hunt_id = control_of(settings).hunt_id
    assert control_of(other).hunt_id == hunt_id
    interrupted, whole = (
        ledger_bar_names(home(each.home.control_hunt(hunt_id).folder)) for each in (settings, other)
    )
    assert interrupted == whole


def test_a_hunt_that_a_rule_ended_is_compared_with_as_many_runs(tmp_path):
    settings = home(tmp_path)
    asked = order(sampler="nsga2", num_generations=40, population_size=2, max_stagnation=1)
    run_canned(settings, core_engine.plan_hunt(asked, settings))
    report = control_of(settings)
    assert report.hunt.runs < 80
    assert report.random.runs == report.hunt.runs


def test_only_a_complete_hunt_of_a_sampler_has_one(tmp_path):
    settings = home(tmp_path)
    with pytest.raises(ConflictError, match="repeats a complete hunt; there is no hunt in"):
        random_control.hunt_to_control(settings.home)
    run_canned(settings, core_engine.plan_hunt(order(sampler="random"), settings))
    with pytest.raises(ConflictError, match="is one of random draws itself"):
        random_control.hunt_to_control(settings.home)


def test_the_component_leaves_the_comparison_and_renews_the_reading(tmp_path, monkeypatch, capsys):
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(sampler="nsga2", num_generations=5), settings)
    run_canned(settings, plan)
    monkeypatch.setenv("IRER_HOME", str(tmp_path))
    monkeypatch.setattr(
        core_engine, "open_runner",
        lambda _given, _name, own, _control=None: nullcontext(CannedRunner(own)),
    )  # fmt: skip
    call = str(uuid.uuid4())
    assert component.main(["--job_uuid", call]) == 0
    kept = read_json(settings.home.control_report_file(plan.hunt_id))
    assert read_json(tmp_path / "component_runs" / call / "control.json") == kept
    told = kept["beside"]["difference"]
    assert capsys.readouterr().out == f"hypervolume beside random draws = {told:+.3g}\n"
    reading = read_reading(settings.home, plan.hunt_id)
    assert reading is not None
    (finding,) = [each for each in reading.findings if each.rule == "random"]
    assert f"The difference is {told:+.3f}" in finding.words
