"""Two Dask workers against one: the same hunt of 12 real jobs on this machine.

    python benchmarks/cluster.py [--rounds 2] [--jobs 12]

Scheduler and workers (one thread each) are processes of their own on the loopback. Each round
runs the hunt on one worker and on two, in a fresh home and session; a short hunt of the same
shape before the clock starts pays for imports and compiling. Prints one JSON line:
  speedup        smallest wall time on one worker / smallest wall time on two
  cold_speedup   the same with imports and compiling inside the clock
(with cores_busy_elsewhere above 0.1 both say little)
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import core_engine
from benchmarks.timing import report
from irer.base.hunt_records import HuntOrder
from irer.runners.cluster import DaskRunner
from settings import Settings, load
from tests.cluster_processes import cluster, wait_for

SIMULATION = {"N_grid": 64, "T_steps": 400}


def hunt(settings: Settings, runner: DaskRunner, jobs: int) -> float:
    """Run one generation of `jobs` and return its wall time."""
    order = HuntOrder(
        num_generations=1, population_size=jobs, seed=1, sampler="random", simulation=SIMULATION
    )
    plan = core_engine.plan_hunt(order, settings)
    start = time.perf_counter()
    result = core_engine.execute_hunt(plan=plan, settings=settings, runner=runner)
    seconds = time.perf_counter() - start
    if "error" in result:
        raise SystemExit(f"no job succeeded: {result['error']}")
    return seconds


def measure(folder: Path, workers: int, jobs: int) -> tuple[float, float]:
    """Return wall times of the hunt on that many workers, warm and cold."""
    with cluster(folder / "cluster", workers) as made:
        wait_for("the workers", lambda: made.log().count("Registered to:") >= workers)
        settings = load(home=folder / "home", runner="dask", dask_scheduler=made.address)
        runner = DaskRunner(settings)
        try:
            cold = hunt(settings, runner, jobs)
            return hunt(settings, runner, jobs), cold
        finally:
            runner.close()


def busy_elsewhere() -> float:
    """Return how many cores are busy while this program does nothing."""
    return psutil.cpu_percent(interval=1.0) / 100 * (psutil.cpu_count() or 1)


def main() -> None:
    """Measure in alternating rounds and print one JSON line."""
    parser = argparse.ArgumentParser(description="Two Dask workers against one.")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=12)
    given = parser.parse_args()
    times: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    elsewhere = []
    for number in range(given.rounds):
        for workers, found in times.items():
            elsewhere.append(busy_elsewhere())
            with tempfile.TemporaryDirectory() as name:
                found.append(measure(Path(name) / f"{workers}-{number}", workers, given.jobs))
    warm = {workers: min(pair[0] for pair in found) for workers, found in times.items()}
    cold = {workers: min(pair[1] for pair in found) for workers, found in times.items()}
    report(
        "cluster",
        speedup=warm[1] / warm[2],
        cold_speedup=cold[1] / cold[2],
        one_worker_s=warm[1],
        two_workers_s=warm[2],
        jobs=given.jobs,
        cores_busy_elsewhere=max(elsewhere),
    )


if __name__ == "__main__":
    main()
