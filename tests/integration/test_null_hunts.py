"""Null hunts: p_hunt of a planted physics and of noise, exact resume, what is fixed beforehand."""

import json
from typing import Any

import numpy as np
import pytest

import core_engine
from irer.base import goals
from irer.base.errors import ConfigError, ConflictError, ContractError
from irer.base.hunt_records import HuntPlan
from irer.base.results import FinalResult
from irer.controls import null_hunts
from irer.controls.null_hunts import NullHunts, SilentSeries, null_plan
from irer.home.registry import load_plan, save_plan
from irer.hunt.control import HuntControl
from irer.validation import TARGETS
from settings import Settings
from tests.hunts import home, ledger_bar_names, order
from tests.planted import PlantedRunner

# All eight targets need this grid and box; a budget of eight runs keeps the tests quick.
SMALL = {"num_generations": 2, "population_size": 4, "sampler": "random"}


def planted_hunt(settings: Settings, height: float, **changes: Any) -> HuntPlan:
    plan = core_engine.plan_hunt(order(**(SMALL | changes)), settings)
    runner = PlantedRunner(settings, height)
    core_engine.execute_hunt(plan=plan, settings=settings, runner=runner)
    found = load_plan(settings.home)
    assert found is not None
    return found


def null_hunts_on(settings: Settings, height: float = 0.0) -> NullHunts:
    """The null hunts of a home, on planted spectra in place of the physics, which takes minutes."""

    def run_hunt(**given: Any) -> FinalResult:
        planted = 0.0 if given["plan"].model == "sncgl_flat" else height
        return core_engine.run_hunt(**given, runner=PlantedRunner(given["settings"], planted))

    return NullHunts(settings, run_hunt, core_engine.new_id)


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a complete hunt on noise."""
    settings = home(tmp_path_factory.mktemp("noise"))
    planted_hunt(settings, 0.0)
    return settings


def test_planted_lines_are_told_from_decoys_and_from_flat_physics(tmp_path):
    settings = home(tmp_path)
    planted_hunt(settings, 3.0, population_size=2)
    nulls = null_hunts_on(settings, 3.0)
    nulls.run(39, ["decoys"], SilentSeries(), HuntControl())
    report = nulls.run(9, ["flat"], SilentSeries(), HuntControl())
    assert report.best < 0.02
    assert (report.kinds["decoys"].n, report.kinds["decoys"].p_hunt) == (39, 1 / 40)
    assert (report.kinds["flat"].n, report.kinds["flat"].p_hunt) == (9, 0.1)
    assert report.p_hunt == 1 / 40  # that of the decoys; the flat hunts are a second witness
    kept = json.loads(settings.home.null_report_file(report.hunt_id).read_text())
    assert kept == report.model_dump()


def test_noise_is_not_told_from_its_null(complete):
    report = null_hunts_on(complete).run(9, ["decoys"])
    assert report.kinds["decoys"].p_hunt > 0.1
    assert min(report.kinds["decoys"].bests) > 0.5
    assert report.kinds["flat"].model_dump() == {"n": 0, "p_hunt": None, "bests": []}


def test_each_decoy_hunt_has_a_comb_of_its_own_that_its_records_name(complete):
    plan = load_plan(complete.home)
    assert plan is not None
    assert plan.comb is None
    report = null_hunts_on(complete).run(2, ["decoys"])
    folder = complete.home.null_hunts(report.hunt_id).folder / "decoys"
    combs = set()
    for number in ("0001", "0002"):
        record_file = next((folder / number / "provenance_reports").iterdir())
        record = json.loads(record_file.read_text())
        assert np.sort(np.diff(record["comb"])) == pytest.approx(np.sort(np.diff(TARGETS)))
        combs.add(tuple(record["comb"]))
    assert len(combs) == 2
    assert null_plan(plan, "decoys", 1).comb in combs


class StopsAfter(SilentSeries):
    """Asks the null hunts to stop once so many jobs are committed."""

    def __init__(self, control: HuntControl, jobs: int) -> None:
        self._control, self._left = control, jobs

    def job_committed(self, provenance: Any) -> None:
        self._left -= 1
        if self._left == 0:
            self._control.stop()


def test_interrupted_null_hunts_end_as_uninterrupted_ones(tmp_path):
    whole, broken = home(tmp_path / "whole"), home(tmp_path / "broken")
    for settings in (whole, broken):
        planted_hunt(settings, 0.0, seed=5)
    expected = null_hunts_on(whole).run(3, ["decoys"])
    control = HuntControl()
    watcher = StopsAfter(control, jobs=11)  # in the second hunt's first generation
    partial = null_hunts_on(broken).run(3, ["decoys"], watcher, control)
    assert partial.kinds["decoys"].n == 1
    resumed = null_hunts_on(broken).run(3, ["decoys"])
    assert resumed.kinds == expected.kinds
    for number in (1, 2, 3):
        homes = [
            s.model_copy(update={"home": s.home.null_hunt(r.hunt_id, "decoys", number)})
            for s, r in ((whole, expected), (broken, resumed))
        ]
        assert ledger_bar_names(homes[0]) == ledger_bar_names(homes[1])


def test_nothing_of_a_null_hunt_enters_the_home(complete):
    before = {p.name for p in complete.home.provenance_dir.iterdir()}
    text = complete.home.ledger_file.read_text()
    report = null_hunts_on(complete).run(1, ["decoys"])
    assert {p.name for p in complete.home.provenance_dir.iterdir()} == before
    assert complete.home.ledger_file.read_text() == text
    own = complete.home.null_hunt(report.hunt_id, "decoys", 1)
    plan = load_plan(own)
    assert plan is not None
    assert own.verdict_file(plan.hunt_id).exists()
    chance = [own.golden_file, own.hunt_golden_file(plan.hunt_id), own.reading_file(plan.hunt_id)]
    assert [file.name for file in chance if file.exists()] == []  # nobody builds on its best run


def test_flat_null_searches_the_same_bounds_without_what_makes_lines(complete):
    plan = load_plan(complete.home)
    assert plan is not None
    flat = null_plan(plan, "flat", 1)
    assert flat.model == "sncgl_flat"
    assert (flat.fixed_params.g_nonlocal, flat.fixed_params.source_amplitude) == (0.0, 0.0)
    assert flat.search_space == {k: v for k, v in plan.search_space.items() if k != "g_nonlocal"}
    same = ("num_generations", "population_size", "sampler", "simulation", "runner")
    assert all(getattr(flat, name) == getattr(plan, name) for name in same)


def test_flat_null_needs_something_to_search(complete):
    plan = load_plan(complete.home)
    assert plan is not None
    only = plan.model_copy(update={"search_space": {"g_nonlocal": (0.0, 1.0)}})
    with pytest.raises(ConfigError, match="nothing to search without g_nonlocal"):
        null_plan(only, "flat", 1)
    with pytest.raises(ConfigError, match="no meaning for the model fmia"):
        null_plan(plan.model_copy(update={"model": "fmia"}), "flat", 1)


def test_what_was_fixed_beforehand_cannot_be_changed(tmp_path, monkeypatch):
    settings = home(tmp_path)
    plan = planted_hunt(settings, 0.0)
    with monkeypatch.context() as changed:
        changed.setitem(goals.GOALS, "log_prime_sse", 0.5)
        with pytest.raises(ContractError, match="objective, bounds or thresholds are not those"):
            core_engine.run_null_hunts(1, kinds=["decoys"], settings=settings)
    wider = plan.model_copy(update={"search_space": plan.search_space | {"kappa": (0.5, 1.0)}})
    save_plan(settings.home, wider)
    with pytest.raises(ContractError, match="fixed before its first trial"):
        core_engine.run_null_hunts(1, kinds=["decoys"], settings=settings)
    with pytest.raises(ContractError, match="fixed before its first trial"):
        core_engine.execute_hunt(plan=wider, settings=settings)


def test_a_hunt_of_another_measure_is_not_repeated(tmp_path):
    settings = home(tmp_path)
    plan = planted_hunt(settings, 0.0)
    save_plan(settings.home, plan.model_copy(update={"measure_version": 1}))
    with pytest.raises(ConflictError, match="was begun with version 1 of the measure"):
        core_engine.run_null_hunts(1, settings=settings)


def test_only_a_complete_hunt_has_null_hunts(tmp_path, complete):
    with pytest.raises(ConflictError, match="there is no hunt"):
        core_engine.run_null_hunts(1, settings=home(tmp_path))
    plan = load_plan(complete.home)
    assert plan is not None
    stopped = home(tmp_path)
    save_plan(stopped.home, plan.model_copy(update={"state": "Stopped"}))
    with pytest.raises(ConflictError, match="the hunt is Stopped"):
        core_engine.run_null_hunts(1, settings=stopped)


@pytest.mark.parametrize(
    "asked", [["--decoy-hunts", "2"], ["--null-hunts", "2", "--null-kind", "decoys"]]
)
def test_command_line(complete, capsys, asked):
    null_hunts_on(complete).run(2, ["decoys"])  # which the command then only reads
    argv = [*asked, "--home", str(complete.home)]
    assert core_engine.main(argv) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kinds"]["decoys"]["n"] >= 2
    assert "decoys 2 of 2" in printed.err
    assert core_engine.main([*argv, "--seed", "3"]) == 2
    assert f"{asked[0]}: goes on with the order in hunt.json" in capsys.readouterr().err


def test_two_at_once_are_refused(complete):
    plan = load_plan(complete.home)
    assert plan is not None
    folder = complete.home.null_hunts(plan.hunt_id)
    with (
        null_hunts.hold_home(folder),
        pytest.raises(ConflictError, match="in use by another"),
    ):
        core_engine.run_null_hunts(1, kinds=["decoys"], settings=complete)
