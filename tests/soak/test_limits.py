"""A job that hangs, with children that hold its pipes, ends soon after its limit, every time."""

import time
import uuid
from pathlib import Path

import pytest

import core_engine
from irer.base.errors import InfrastructureError
from irer.base.records import JobConfig
from irer.home.registry import make_job, register
from settings import Settings
from tests.contract.test_runners import MAKERS
from tests.faults.test_engine_processes import gone
from tests.hunts import order
from tests.pool_jobs import FORK, GOOD, noted

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

LIMIT_S, ALLOWED_S, TIMES = 3.0, 2.0, 5


def make_hanging(settings: Settings, who: str) -> JobConfig:
    how = {"worker": GOOD, "validator": GOOD} | {who: FORK}
    simulation = {"initial_amplitude": how["worker"], "box_length": how["validator"]}
    plan = core_engine.plan_hunt(order(simulation=simulation), settings)
    job = make_job(plan, str(uuid.uuid4()), 0, {})
    register(settings.home, [job])
    return job


@pytest.mark.parametrize("who", ["worker", "validator"])
@pytest.mark.parametrize("name", ["subprocess", "pool"])
def test_it_ends_within_two_seconds_of_its_limit(tmp_path: Path, name: str, who: str) -> None:
    settings, runner = MAKERS[name](tmp_path, 1, **{f"{who}_timeout_s": LIMIT_S})
    late = []
    for _ in range(TIMES):
        job = make_hanging(settings, who)
        with pytest.raises(InfrastructureError, match="time limit"):
            runner.submit(job).result(60)
        began = (settings.home.folder / "tries" / f"{job.job_uuid}-{FORK:g}").stat().st_mtime
        late.append(time.time() - began - LIMIT_S)
    runner.close()
    print(f"{name}, {who}: at most {max(late):.2f} s after the limit of {LIMIT_S:g} s")
    assert max(late) <= ALLOWED_S
    assert len(noted(settings.home, "pids")) == 3 * TIMES
    assert all(gone(pid) for pid in noted(settings.home, "pids"))
