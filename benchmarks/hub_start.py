"""How soon a hub answers: from `python app.py` to its first answered request.

    python benchmarks/hub_start.py [TIMES]

Starts a hub on an empty home TIMES times (default 10), after one start that is not counted. Prints
one JSON line: wall seconds, and processor seconds of the hub, which other programs disturb less.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import report
from tests.hub_process import HubProcess


def start_once() -> tuple[float, float]:
    """Return wall and processor seconds to the first answer."""
    with tempfile.TemporaryDirectory(prefix="irer-hub-start-") as home:
        began = time.perf_counter()
        with HubProcess(Path(home)) as hub:
            hub.status()
            wall = time.perf_counter() - began
            cpu = psutil.Process(hub.process.pid).cpu_times()
            return wall, cpu.user + cpu.system


def main() -> None:
    """Measure and print."""
    start_once()
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    walls, cpus = zip(*(start_once() for _ in range(times)), strict=True)
    report(
        "hub_start",
        starts=times,
        wall_s_median=statistics.median(walls),
        wall_s_best=min(walls),
        cpu_s_median=statistics.median(cpus),
    )


if __name__ == "__main__":
    main()
