"""What the engine itself costs a job: a hunt of many jobs whose runner answers at once.

    python benchmarks/engine_scale.py [JOBS]

Generations of 1,000 proposed at random on the canned runner of the tests, in a temporary home.
Prints one JSON line. `engine_ms_a_job` is the wall time outside the runner, which writes the
job's record; `engine_cpu_ms_a_job` is the processor's part of it, the rest is waiting for the
disk. `last_over_first_tenth` compares the wall time of the last and the first tenth of the jobs,
`..._cpu` the processor time, which other programs disturb less. `memory_growth_mb` is the
resident memory at the end over that after the first generation.
"""

import json
import sys
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import core_engine
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.records import JobConfig, Provenance
from irer.base.results import FinalResult
from irer.hunt.observer import SilentObserver
from settings import load
from tests.canned import CannedRunner

POPULATION = 1000


class TimedRunner(CannedRunner):
    """Adds up the time that its caller spends in it."""

    seconds = cpu_seconds = 0.0

    def submit(self, job: JobConfig, *more: Any, **named: Any) -> "Future[Provenance]":
        began, cpu_began = time.perf_counter(), time.process_time()
        future = super().submit(job, *more, **named)
        self.seconds += time.perf_counter() - began
        self.cpu_seconds += time.process_time() - cpu_began
        self.submitted.clear()  # what the tests keep for themselves would grow with the hunt
        return future


class Stopwatch(SilentObserver):
    """Notes when each generation begins, and the memory in use."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.cpu: list[float] = []
        self.resident: list[int] = []
        self._process = psutil.Process()

    def generation_started(self, generation: int) -> None:  # noqa: ARG002
        self.note()

    def hunt_ended(self, plan: HuntPlan, result: FinalResult) -> None:  # noqa: ARG002
        self.note()

    def note(self) -> None:
        self.began.append(time.perf_counter())
        self.cpu.append(time.process_time())
        self.resident.append(self._process.memory_info().rss)


def measure(jobs: int, home: Path) -> dict[str, Any]:
    """Run the hunt and return the figures."""
    settings = load(home=home)
    generations = max(2, jobs // POPULATION)
    runner, watch = TimedRunner(settings), Stopwatch()
    order = HuntOrder(
        num_generations=generations, population_size=POPULATION, seed=1, sampler="random"
    )
    core_engine.execute_hunt(order=order, settings=settings, runner=runner, observer=watch)
    jobs = generations * POPULATION
    wall, cpu = watch.began[-1] - watch.began[0], watch.cpu[-1] - watch.cpu[0]
    return {
        "benchmark": "engine_scale",
        "jobs": jobs,
        "engine_ms_a_job": round(1e3 * (wall - runner.seconds) / jobs, 3),
        "engine_cpu_ms_a_job": round(1e3 * (cpu - runner.cpu_seconds) / jobs, 3),
        "runner_ms_a_job": round(1e3 * runner.seconds / jobs, 3),
        "last_over_first_tenth": last_over_first_tenth(watch.began),
        "last_over_first_tenth_cpu": last_over_first_tenth(watch.cpu),
        "memory_growth_mb": round((watch.resident[-1] - watch.resident[1]) / 2**20, 1),
    }


def last_over_first_tenth(clock: list[float]) -> float:
    """Compare what the last and the first tenth of the generations took on a clock."""
    tenth = max(1, (len(clock) - 1) // 10)
    return round((clock[-1] - clock[-1 - tenth]) / (clock[tenth] - clock[0]), 3)


def main() -> None:
    """Measure and print."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="irer-scale-") as home:
        print(json.dumps(measure(jobs, Path(home))))


if __name__ == "__main__":
    main()
