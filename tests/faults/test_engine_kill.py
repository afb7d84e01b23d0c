"""A hunt that dies at any instant and is resumed equals one that never died."""

import os
import signal
import subprocess
import sys

import pytest

import core_engine
import irer.base.files
from irer.home import ledger as ledger_module
from tests.canned import CannedRunner
from tests.hunts import home, hunt_state, ledger_bar_names, order, run_canned

GENERATIONS, POPULATION = 3, 3
# The plan twice and for each job its config, record and row; the ledger's schema and header; at the
# end the plan and the golden file twice, and the verdict; the reading after each generation and at
# the end.
WRITES = GENERATIONS * (2 + 3 * POPULATION + 1) + 2 + 5 + 1


class Killed(BaseException):
    """Stands for the process being gone: nothing that handles errors may see it."""


class Killer:
    """Lets `after` writes pass, then kills before, in the middle of, or after the next one."""

    def __init__(self, monkeypatch, after: int, moment: str) -> None:
        self.left = after
        self.moment = moment
        self._wrap(monkeypatch, irer.base.files, "_replace_whole", tear=False)
        self._wrap(monkeypatch, ledger_module, "_write_whole", tear=True)

    def _wrap(self, monkeypatch, module, name, tear):
        real = getattr(module, name)

        def write(target, data, *more, **options):
            self.left -= 1
            if self.left != -1:
                return real(target, data, *more, **options)
            if self.moment == "after":
                real(target, data, *more, **options)
            elif self.moment == "torn" and tear:
                target.write(data[: len(data) * 2 // 3])
            raise Killed

        monkeypatch.setattr(module, name, write)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    settings = home(tmp_path_factory.mktemp("uninterrupted"))
    run_canned(settings, small_plan(settings))
    return ledger_bar_names(settings)


def small_plan(settings, sampler="tpe"):
    small = order(num_generations=GENERATIONS, population_size=POPULATION, sampler=sampler)
    return core_engine.plan_hunt(small, settings)


@pytest.mark.parametrize("moment", ["torn", "after"])
@pytest.mark.parametrize("after", range(WRITES))
def test_killed_at_any_write_and_resumed(tmp_path, monkeypatch, uninterrupted, after, moment):
    settings = home(tmp_path)
    plan = small_plan(settings)
    with monkeypatch.context() as patch:
        Killer(patch, after, moment)
        with pytest.raises(Killed):
            run_canned(settings, plan)
    committed = {
        path.name: path.read_bytes() for path in settings.home.provenance_dir.glob("*.json")
    }
    runner = CannedRunner(settings)
    run_canned(settings, core_engine.load_plan(settings.home) or plan, runner=runner)
    assert ledger_bar_names(settings) == uninterrupted
    assert hunt_state(settings) == "Completed"
    assert len(list(settings.home.config_dir.iterdir())) == GENERATIONS * POPULATION
    again = {f"provenance_{job.job_uuid}.json" for job in runner.submitted}
    assert not again & committed.keys()  # nothing committed runs again
    for name, data in committed.items():
        assert (settings.home.provenance_dir / name).read_bytes() == data


def test_the_range_of_kills_covers_every_write(tmp_path, monkeypatch):
    settings = home(tmp_path)
    plan = small_plan(settings)
    killer = Killer(monkeypatch, WRITES, "after")
    run_canned(settings, plan)
    assert killer.left == 0


HUNT = """
import sys, time
from pathlib import Path
from tests.canned import CannedRunner, canned_record
from tests.hunts import home, run_canned
import core_engine

settings = home(Path(sys.argv[1]))

def answer(job):
    print(job.generation, job.index, flush=True)
    sys.stdin.readline()
    return canned_record(job)

run_canned(settings, core_engine.load_plan(settings.home), runner=CannedRunner(settings, answer))
"""


def hunt_job_by_job(settings):
    """Start a hunt that names each job on its stdout, and waits for a line before it answers."""
    return subprocess.Popen(
        [sys.executable, "-c", HUNT, str(settings.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_killed_for_real_and_resumed(tmp_path):
    """kill -9 while a job of the second generation runs, the first of the two jobs committed."""
    settings = home(tmp_path / "killed")
    with hunt_job_by_job(settings) as hunt:
        ended = set()
        for _ in range(6):
            ended.add(hunt.stdout.readline())
            hunt.stdin.write("\n")
            hunt.stdin.flush()
        assert hunt.stdout.readline().startswith("2 ")
        hunt.send_signal(signal.SIGKILL)
    assert hunt_state(settings) == "Running"
    runner = CannedRunner(settings)
    run_canned(settings, core_engine.load_plan(settings.home), runner=runner)
    again = {f"{job.generation} {job.index}\n" for job in runner.submitted[:2]}
    assert again == {f"2 {index}\n" for index in range(4)} - ended
    reference = home(tmp_path / "reference")
    run_canned(reference)
    assert ledger_bar_names(settings) == ledger_bar_names(reference)
