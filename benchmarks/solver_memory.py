"""Peak memory of a run: 1,000 steps against 10,000, in one process that has compiled already.

The peak of compiling differs by tens of MiB from process to process; so the kernel's high-water
mark is set back after a first run (Linux). At 64 points a side one field of psi kept per step
would show as 280 MiB more, one kept per ten steps as 28 MiB.
usage: python benchmarks/solver_memory.py [--rounds N] [--size POINTS]
"""

import argparse
import json
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
import json, sys
from pathlib import Path
from irer.physics import SimulationConfig, simulate

def peak(steps):
    Path("/proc/self/clear_refs").write_text("5")
    simulate(SimulationConfig(N_grid=int(sys.argv[1]), T_steps=steps))
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))

short, long = map(int, sys.argv[2:])
peak(short)
print(json.dumps([peak(short), peak(long)]))
"""


def peaks_mib(n: int) -> list[float]:
    """Return the peaks of the runs of a process, in the order of STEPS."""
    command = [sys.executable, "-c", RUN, str(n), *map(str, STEPS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [kibibytes / 1024 for kibibytes in json.loads(done.stdout)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", type=int, default=64, help="points a side")
    options = parser.parse_args()
    rounds = [peaks_mib(options.size) for _ in range(options.rounds)]
    short, long = (statistics.median(peaks) for peaks in zip(*rounds, strict=True))
    report(
        "peak memory against steps", N=options.size, rounds=options.rounds, short_steps=STEPS[0],
        long_steps=STEPS[1], short_mib=short, long_mib=long, ratio=long / short, goal=GOAL,
    )  # fmt: skip


if __name__ == "__main__":
    main()
