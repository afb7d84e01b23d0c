"""As many jobs as a long hunt has, through engine, watcher and status, on a canned runner."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

import core_engine
import settings as settings_module
from app import ENGINE, RunningHub
from irer.base.hunt_records import HuntOrder
from tests.canned import CannedRunner
from tests.hunts import ledger
from tests.soak.conftest import JOBS

pytestmark = [pytest.mark.soak, pytest.mark.timeout(4 * 3600)]

POPULATION = min(1000, JOBS)
ALLOWED_GROWTH_MB = 50


class ForgetfulRunner(CannedRunner):
    """Keeps no list of what was submitted: this test looks at memory."""

    def submit(self, job, *more, **named):
        future = super().submit(job, *more, **named)
        self.submitted.clear()
        return future


def resident_mb() -> float:
    return psutil.Process().memory_info().rss / 2**20


def test_a_hub_through_a_long_hunt(tmp_path: Path) -> None:
    settings = settings_module.load(home=tmp_path / "home")
    execute = partial(core_engine.run_hunt, runner=ForgetfulRunner(settings))
    engine = replace(ENGINE, run_hunt=execute)
    generations = -(-JOBS // POPULATION)
    order = HuntOrder(
        num_generations=generations, population_size=POPULATION, seed=1, sampler="random"
    )
    with RunningHub(settings, engine) as hub:
        hub.hunts.start(order)
        while hub.index.tally(hub.board.hunt_id).committed < POPULATION:
            time.sleep(0.05)
        before = resident_mb()
        while hub.board.state.hunt_status == "Running":
            time.sleep(0.2)
        growth = resident_mb() - before
        assert hub.board.state.hunt_status == "Completed"
        assert hub.index.tally(hub.board.hunt_id).committed == generations * POPULATION
    rows = ledger(settings)
    assert len({row["job_uuid"] for row in rows}) == len(rows) == generations * POPULATION
    print(f"{len(rows)} jobs, memory growth {growth:.1f} MB")
    assert growth <= ALLOWED_GROWTH_MB
