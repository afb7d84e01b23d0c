"""Peak memory of a run in a process of its own: 1,000 steps against 10,000.

The peak is the process's largest resident set, imports and compiling included. At 64 points a side
one field of psi kept per step would show as 280 MiB more, one kept per ten steps as 28 MiB.
usage: python benchmarks/solver_memory.py [--rounds N] [--size POINTS]
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import statistics

from benchmarks.timing import report

STEPS = (1_000, 10_000)
GOAL = 1.05
RUN = """
import resource, sys
from irer.physics import SimulationConfig, simulate
simulate(SimulationConfig(N_grid=int(sys.argv[2]), T_steps=int(sys.argv[1])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_bytes(steps: int, n: int) -> int:
    """Return the peak resident set of a process that simulates `steps` steps."""
    command = [sys.executable, "-c", RUN, str(steps), str(n)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    per_unit = 1 if sys.platform == "darwin" else 1024  # kibibytes on Linux
    return int(done.stdout) * per_unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", type=int, default=64, help="points a side")
    options = parser.parse_args()
    peaks: dict[int, list[int]] = {steps: [] for steps in STEPS}
    for _ in range(options.rounds):
        for steps in STEPS:
            peaks[steps].append(peak_bytes(steps, options.size))
    short, long = (statistics.median(peaks[steps]) / 2**20 for steps in STEPS)
    report(
        "peak memory against steps", N=options.size, rounds=options.rounds, short_steps=STEPS[0],
        long_steps=STEPS[1], short_mib=short, long_mib=long, ratio=long / short, goal=GOAL,
    )  # fmt: skip


if __name__ == "__main__":
    main()
