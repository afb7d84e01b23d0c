"""How near a hunt on this machine comes to what its cores can do, and to one process a job.

    python benchmarks/hunt.py [--generations 3] [--population 10]

A hunt at the default size runs on the pool runner, without a hub, on a machine that has compiled
nothing yet, then the same one again. Then one process a core, all at once, measures what each job
of that hunt costs in CPU time once warm (compiled, imported): jobs differ by a factor of three.
Last, the hunt runs once more, one job at a time in processes of its own, as the subprocess runner
does, without anything kept from before. Prints one JSON line:
  wall_over_ideal   wall time of the second hunt / (sum of its jobs' warm CPU times / cores)
  first_over_ideal  the same of the first one
  pool_speedup      wall time by the subprocess runner, one job at a time / that of the second hunt
Where other programs want the same cores (cores_busy_elsewhere above 0.1) wall times say little;
`..._undisturbed` leaves out what the less delayed of the workers waited for a core (Linux).
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import core_engine
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.machine import ONE_THREAD, usable_cores
from irer.base.records import RunnerName
from irer.base.results import FinalResult
from irer.home.registry import read_job
from irer.hunt.observer import SilentObserver
from settings import Settings, load


@dataclass(frozen=True)
class Ran:
    """A hunt: its wall time in seconds, the start of its processes included, and what else ran."""

    wall: float
    elsewhere: float  # cores that other programs kept busy meanwhile
    delayed: float  # seconds that a worker wanted a core and had none

    @property
    def undisturbed(self) -> float:
        """The wall time without the waits for a core."""
        return self.wall - self.delayed


class Delays(SilentObserver):
    """Reads, at the end of a hunt, how long its worker processes waited for a core."""

    delayed = 0.0

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def hunt_ended(self, plan: HuntPlan, result: FinalResult) -> None:  # noqa: ARG002
        children = psutil.Process().children()
        children.sort(key=lambda child: child.cpu_times().user, reverse=True)
        self.delayed = min((waited(c.pid) for c in children[: self.workers]), default=0.0)


def waited(pid: int) -> float:
    """Return the seconds that the threads of a process were ready to run and did not."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[1]) for file in files) / 1e9


def run_hunt(home: Path, runner: RunnerName, workers: int, generations: int, jobs: int) -> Ran:
    """Run a hunt to its end."""
    settings = load(home=home, runner=runner, workers=workers)
    order = HuntOrder(num_generations=generations, population_size=jobs, seed=1, runner=runner)
    all_before, own_before, began = busy_seconds(), own_seconds(), time.perf_counter()
    delays = Delays(workers)
    core_engine.execute_hunt(order=order, settings=settings, observer=delays)
    wall = time.perf_counter() - began
    elsewhere = (busy_seconds() - all_before) - (own_seconds() - own_before)
    return Ran(wall, max(0.0, elsewhere / wall), delays.delayed)


def busy_seconds() -> float:
    """CPU seconds that this machine has spent on anything so far."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def own_seconds() -> float:
    """CPU seconds of this process and of its ended children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def warm_costs(home: Path) -> tuple[float, float]:
    """Return the CPU seconds of all simulations and all validations, with every core at work."""
    configs = sorted((home / "input_configs").iterdir())
    cores = sorted(os.sched_getaffinity(0))[: len(configs)]
    children = []
    for turn, core in enumerate(cores):
        copy = home.with_name(f"{home.name}-warm-{core}")
        (copy / "input_configs").mkdir(parents=True)
        for config in configs[turn :: len(cores)]:
            shutil.copy(config, copy / "input_configs")
        command = [sys.executable, __file__, "--warm", str(copy), str(core)]
        environment = os.environ | ONE_THREAD
        children.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        )
    measured = [json.loads(child.communicate()[0]) for child in children]
    simulation, validation = zip(*measured, strict=True)
    return sum(simulation), sum(validation)


def measure_warm(settings: Settings, core: int) -> tuple[float, float]:
    """Run the jobs of a home in this process, on one core; return CPU seconds of the halves."""
    os.sched_setaffinity(0, {core})
    from validation_pipeline import validate_job
    from worker_sncgl_sdg import run

    paths = sorted(settings.home.config_dir.iterdir())
    costs = []
    for path in [paths[0], *paths]:  # the first is cold, so it is not counted but run again
        job = read_job(path)
        settings.home.provenance_file(job.job_uuid).unlink(missing_ok=True)
        began = time.process_time()
        report = run(job, settings)
        between = time.process_time()
        validate_job(job.job_uuid, report["artifact_sha256"], settings)
        costs.append((between - began, time.process_time() - between))
    simulation, validation = zip(*costs[1:], strict=True)
    return sum(simulation), sum(validation)


def measure(generations: int, population: int, scratch: Path) -> dict[str, Any]:
    """Run everything and return the figures."""
    jobs, cores = generations * population, usable_cores()
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(scratch / "compiled")
    first = run_hunt(scratch / "first", "pool", cores, generations, population)
    pool = run_hunt(scratch / "pool", "pool", cores, generations, population)
    simulation, validation = warm_costs(scratch / "pool")
    del os.environ["JAX_COMPILATION_CACHE_DIR"]
    os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"
    alone = run_hunt(scratch / "subprocess", "subprocess", 1, generations, population)
    ideal = (simulation + validation) / cores
    return {
        "benchmark": "hunt",
        "jobs": jobs,
        "cores": cores,
        "wall_s": round(pool.wall, 2),
        "warm_simulation_cpu_s": round(simulation / jobs, 3),
        "warm_validation_cpu_s": round(validation / jobs, 3),
        "cores_busy_elsewhere": round(max(first.elsewhere, pool.elsewhere), 2),
        "wall_over_ideal": round(pool.wall / ideal, 3),
        "wall_over_ideal_undisturbed": round(pool.undisturbed / ideal, 3),
        "first_over_ideal": round(first.wall / ideal, 3),
        "first_over_ideal_undisturbed": round(first.undisturbed / ideal, 3),
        "subprocess_s_a_job": round(alone.wall / jobs, 2),
        "pool_speedup": round(alone.wall / pool.wall, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure a hunt at the default size.")
    parser.add_argument("--generations", type=int, default=3)
    parser.add_argument("--population", type=int, default=10)
    parser.add_argument("--warm", nargs=2, metavar=("HOME", "CORE"), help="internal")
    given = parser.parse_args()
    if given.warm:
        home, core = given.warm
        print(json.dumps(measure_warm(load(home=home), int(core))))
        return
    with tempfile.TemporaryDirectory(prefix="irer-bench-") as scratch:
        print(json.dumps(measure(given.generations, given.population, Path(scratch))))


if __name__ == "__main__":
    main()
