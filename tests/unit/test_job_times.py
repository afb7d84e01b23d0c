"""How long a hunt will take, from jobs of its size; what is not known is not guessed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import settings as settings_module
from irer.base.errors import ConfigError
from irer.base.hunt_records import HuntOrder
from irer.base.records import Seconds, SimulationOptions
from irer.home.registry import keep_plan
from irer.hub import job_times as module
from irer.hub.job_times import JobTimes
from irer.hub.kept_hunts import KeptHunts
from irer.hub.runs import RunIndex
from settings import Settings
from tests.fake_engine import make_plan, make_record

SMALL = SimulationOptions(N_grid=64, T_steps=100)
ORDER = HuntOrder(
    num_generations=3, population_size=5, simulation={"N_grid": 64, "T_steps": 100}
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_module.load(home=tmp_path, workers=2)


@pytest.fixture
def index() -> RunIndex:
    return RunIndex()


@pytest.fixture
def times(
    settings: Settings, index: RunIndex, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JobTimes]:
    monkeypatch.setattr(module, "is_compiled", lambda config: config.N_grid == 64)
    monkeypatch.setattr(module, "compile_seconds", lambda: 40.0)
    return JobTimes(settings, index, KeptHunts(settings.home))


def hunted(settings: Settings, index: RunIndex, seconds: float, generation: int = 1) -> None:
    """Leave a hunt of small jobs that took so long."""
    plan = make_plan(simulation=SMALL, state="Completed")
    keep_plan(settings.home, plan)
    for n in range(3):
        record = make_record(hunt_id=plan.hunt_id, generation=generation, index=n)
        index.add(record.model_copy(update={"seconds": Seconds(simulation=seconds)}))


def test_without_a_job_of_the_size_nothing_is_said(
    settings: Settings, index: RunIndex, times: JobTimes
) -> None:
    known = times.of_order(ORDER)
    assert (known.jobs, known.job, known.seconds) == (15, None, None)
    hunted(settings, index, 2.0)
    for other in ({"N_grid": 66}, {"T_steps": 101}, {"precision": "float64"}, {"dimensions": 3}):
        simulation = {"N_grid": 64, "T_steps": 100} | other
        assert times.of_order(ORDER.model_copy(update={"simulation": simulation})).seconds is None
    assert times.of_order(ORDER.model_copy(update={"model": "sncgl_flat"})).seconds is None


def test_jobs_of_the_size_make_the_time_of_a_hunt(
    settings: Settings, index: RunIndex, times: JobTimes
) -> None:
    hunted(settings, index, 2.0)
    known = times.of_order(ORDER)
    assert known.job is not None
    assert (known.job.seconds, known.job.runs) == (2.0, 3)
    assert (known.compiled, known.compile_s) == (True, None)
    assert known.seconds == 3 * 3 * 2.0  # five jobs on two workers: three rounds a generation
    hunted(settings, index, 4.0, generation=2)
    assert times.of_order(ORDER).seconds == 3 * 3 * 4.0  # the newest hunt counts
    limited = times.of_order(ORDER.model_copy(update={"max_wall_s": 5.0}))
    assert limited.seconds == 5.0


def test_compiling_is_told_apart(
    settings: Settings,
    index: RunIndex,
    times: JobTimes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hunted(settings, index, 2.0)
    monkeypatch.setattr(module, "is_compiled", lambda _: False)
    known = times.of_order(ORDER)
    assert (known.compiled, known.compile_s, known.seconds) == (False, 40.0, 58.0)
    opening = times.opening(make_plan(simulation=SMALL))
    assert (opening.is_compiled(), opening.job_s, opening.compile_s) == (False, 2.0, 40.0)
    remote = times.of_order(ORDER.model_copy(update={"runner": "dask"}))
    assert (remote.compiled, remote.compile_s, remote.seconds) == (None, None, 18.0)
    monkeypatch.setattr(module, "compile_seconds", lambda: None)
    assert times.opening(make_plan(simulation=SMALL)).compile_s is None
    monkeypatch.setattr(module, "is_compiled", lambda _: True)
    assert times.opening(make_plan(simulation=SMALL)).compile_s == 0.0


def test_a_wrong_order_is_refused(times: JobTimes) -> None:
    with pytest.raises(ConfigError, match=r"simulation\.N_grid"):
        times.of_order(HuntOrder(simulation={"N_grid": 33}))
