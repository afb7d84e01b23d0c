"""Wall time of a whole hunt from the command line, on this checkout and on another.

The same drawn jobs on both sides (sampler `random`, one seed, one set of simulation options, which
are named in full), two workers, nothing compiled before. The sides take turns. One JSON line: the
medians of wall and processor seconds, children included, and the ratios. Where other programs want
the cores, the ratio of processor seconds is the one to read.
usage: python benchmarks/hunt_wall.py --against OTHER [--generations 10] [--population 10]
       [--rounds 1]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
OPTIONS = {
    "simulation.N_grid": "256", "simulation.T_steps": "200", "simulation.dt": "0.1",
    "simulation.step_control": "controlled", "simulation.n_frames": "50",
    "simulation.n_snapshots": "4",
}  # fmt: skip
WORKERS, GOAL = 2, 0.55


def hunt(checkout: Path, generations: int, population: int) -> tuple[float, float]:
    """Run a hunt in a fresh home with an empty compile cache; return wall and processor seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {
            "XDG_CACHE_HOME": f"{scratch}/cache", "IRER_WORKERS": str(WORKERS),
        }  # fmt: skip
        sets = [part for name, value in OPTIONS.items() for part in ("--set", f"{name}={value}")]
        command = [
            sys.executable, "core_engine.py", "--home", f"{scratch}/home", "--seed", "1",
            "--sampler", "random", "--generations", str(generations),
            "--population", str(population), *sets,
        ]  # fmt: skip
        before, began = children_seconds(), time.perf_counter()
        subprocess.run(
            command, cwd=checkout, env=environment, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return time.perf_counter() - began, children_seconds() - before


def children_seconds() -> float:
    """Return the processor seconds of all ended children, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A hunt from the command line, two checkouts.")
    parser.add_argument("--against", type=Path, help="the other checkout")
    parser.add_argument("--generations", type=int, default=10)
    parser.add_argument("--population", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    if given.against is None:
        print(json.dumps({"benchmark": "hunt wall", "skipped": "no --against PATH"}))
        return
    sides = [HERE, given.against.resolve()]
    rounds = [
        [hunt(side, given.generations, given.population) for side in sides]
        for _ in range(given.rounds)
    ]
    wall, cpu = (
        [statistics.median(taken[side][what] for taken in rounds) for side in range(2)]
        for what in range(2)
    )
    print(
        json.dumps({
            "benchmark": "hunt wall", "jobs": given.generations * given.population,
            "workers": WORKERS, "rounds": given.rounds, "options": OPTIONS,
            "wall_s": [round(each, 1) for each in wall], "wall_ratio": round(wall[0] / wall[1], 3),
            "cpu_s": [round(each, 1) for each in cpu], "cpu_ratio": round(cpu[0] / cpu[1], 3),
            "goal": GOAL,
        })
    )  # fmt: skip


if __name__ == "__main__":
    main()
