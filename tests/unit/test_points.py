"""Given points: they run first, are learned from, and a resumed hunt runs the same."""

from pathlib import Path
from typing import Any

import pytest

import core_engine
from irer.base.errors import ConfigError
from irer.controls.null_hunts import null_plan
from irer.home.registry import load_plan
from irer.hunt.control import HuntControl
from irer.hunt.order import read_order
from irer.hunt.resuming import check_same
from tests.canned import CannedRunner
from tests.hunts import home, ledger, ledger_bar_names

SPACE = {"epsilon": [0.2, 1.5], "c1": [-2.0, 2.0], "kappa": [0.1, 1.0]}
FIXED = {"c3": 0.3, "g_nonlocal": 0.0, "sigma_k": 0.5, "k0": 1.0}
POINTS = [{"epsilon": 0.7, "c1": 0.5, "kappa": 0.2}, {"epsilon": 1.5, "c1": -2.0, "kappa": 0.1}]


def data(**changes: Any) -> dict[str, Any]:
    given = {"num_generations": 3, "population_size": 4, "seed": 11, "params": SPACE | FIXED}
    return given | {"points": POINTS} | changes


def hunt(path: Path, control: HuntControl | None = None, **changes: Any) -> Any:
    settings = home(path)
    plan = core_engine.plan_hunt(read_order(data(**changes), settings), settings)
    core_engine.execute_hunt(
        plan=plan, settings=settings, runner=CannedRunner(settings), control=control
    )
    return settings


def test_points_run_first_and_the_sampler_goes_on(tmp_path: Path) -> None:
    rows = ledger(hunt(tmp_path))
    assert [row["origin"] for row in rows] == ["point"] * 2 + ["search"] * 10
    for row, point in zip(rows, POINTS, strict=False):
        assert {name: float(row[name]) for name in point} == point
        assert {name: float(row[name]) for name in FIXED} == FIXED


def test_more_points_than_a_generation_holds_fill_the_next(tmp_path: Path) -> None:
    points = [{"epsilon": 0.3 + n / 10, "c1": 0.0, "kappa": 0.5} for n in range(6)]
    rows = ledger(hunt(tmp_path, points=points))
    assert [row["origin"] for row in rows] == ["point"] * 6 + ["search"] * 6
    assert [float(row["epsilon"]) for row in rows[:6]] == [point["epsilon"] for point in points]


@pytest.mark.parametrize("after", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("sampler", ["gp", "tpe"])
def test_a_resumed_hunt_with_points_is_the_uninterrupted_one(
    tmp_path: Path, after: int, sampler: str
) -> None:
    points = [{"epsilon": 0.3 + n / 10, "c1": 0.0, "kappa": 0.5} for n in range(6)]
    whole = ledger_bar_names(hunt(tmp_path / "whole", points=points, sampler=sampler))

    settings = home(tmp_path / "parts")
    plan = core_engine.plan_hunt(
        read_order(data(points=points, sampler=sampler), settings), settings
    )
    control = HuntControl(attended=False)

    class Stopping(CannedRunner):
        def submit(self, *job: Any) -> Any:
            if len(self.submitted) + 1 == after:
                control.stop()
            return super().submit(*job)

    core_engine.execute_hunt(
        plan=plan, settings=settings, runner=Stopping(settings), control=control
    )
    left = load_plan(settings.home)
    assert left is not None
    assert left.state == "Stopped"
    assert len(ledger(settings)) == after
    core_engine.execute_hunt(plan=left, settings=settings, runner=CannedRunner(settings))
    assert ledger_bar_names(settings) == whole


def test_a_hunt_of_one_job_may_search_nothing(tmp_path: Path) -> None:
    fixed = FIXED | POINTS[0]
    settings = hunt(tmp_path, num_generations=1, population_size=1, params=fixed, points=None)
    (row,) = ledger(settings)
    assert {name: float(row[name]) for name in fixed} == fixed
    plan = load_plan(settings.home)
    assert plan is not None
    assert plan.search_space == {}
    assert null_plan(plan, "decoys", 1).search_space == {}
    with pytest.raises(ConfigError, match="the hunt searched nothing"):
        null_plan(plan, "flat", 1)
    with pytest.raises(ConfigError, match="params: must leave at least one parameter"):
        read_order(data(params=fixed, points=None), settings)


@pytest.mark.parametrize(
    ("points", "field", "told"),
    [
        (
            [POINTS[0] | {"kappa": 2}],
            "points.0.kappa",
            "must be from 0.1 to 1, where it is searched",
        ),
        ([POINTS[0] | {"kapa": 1}], "points.0.kapa", "unknown parameter; did you mean kappa"),
        ([POINTS[0], {"c1": 0.0, "kappa": 0.2}], "points.1.epsilon", "required: it is searched"),
        ([POINTS[0] | {"c3": 0.5}], "points.0.c3", "is fixed at 0.3"),
        ([POINTS[0]] * 13, "points", "must be at most 12, the jobs, got 13"),
        ([POINTS[0] | {"c1": "1"}], "points.0.c1", "a valid number"),
        ([[1, 2, 3]], "points.0", "input should be a valid dictionary"),
        ({"kappa": 1}, "points", "input should be a valid list"),
    ],
)
def test_wrong_points_are_named(tmp_path: Path, points: Any, field: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_order(data(points=points), home(tmp_path))
    assert [error.field for error in caught.value.errors] == [field]
    assert told in caught.value.message
    assert not list(tmp_path.iterdir())


def test_points_that_would_find_no_jobs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at most 4, the jobs over seeds_per_candidate, got 5"):
        read_order(data(points=[POINTS[0]] * 5, seeds_per_candidate=3), home(tmp_path))


def test_a_fixed_parameter_may_be_named_with_its_value(tmp_path: Path) -> None:
    settings = home(tmp_path)
    order = read_order(data(points=[POINTS[0] | {"c3": 0.3}]), settings)
    plan = core_engine.plan_hunt(order, settings)
    assert plan.points == (POINTS[0],)
    check_same(read_order(data(points=[POINTS[0]]), settings), plan)
    with pytest.raises(ConfigError, match="points"):
        check_same(read_order(data(points=[POINTS[1]]), settings), plan)


def test_null_hunts_run_the_points_in_their_own_space(tmp_path: Path) -> None:
    settings = home(tmp_path)
    space = {"epsilon": [0.2, 1.5], "g_nonlocal": [-0.5, 2.0]}
    order = data(params=space | dict.fromkeys(("c1", "c3", "sigma_k", "k0", "kappa"), 0.5))
    order["points"] = [{"epsilon": 0.7, "g_nonlocal": 1.0}]
    plan = core_engine.plan_hunt(read_order(order, settings), settings)
    assert null_plan(plan, "decoys", 1).points == plan.points
    assert null_plan(plan, "flat", 1).points == ({"epsilon": 0.7},)


def test_a_plan_without_points_is_written_as_before(tmp_path: Path) -> None:
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(read_order(data(points=None), settings), settings)
    assert "points" not in plan.model_dump(mode="json")
    core_engine.check_design(plan)
