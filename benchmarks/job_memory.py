"""Peak memory of a worker's process that runs one default job, on a machine that compiled nothing.

    python benchmarks/job_memory.py [--against CHECKOUT] [--rounds 7]

Another checkout, if one is given, and this one take turns; each has an empty folder for what is
compiled, and the environment that its engine gives a worker. Peak resident memory of the whole
process, imports and compiling included, by the kernel (Linux); one JSON line, medians in MiB.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.timing import report

GOAL = 0.9
ENGINE = """
import subprocess, sys, uuid
from pathlib import Path
from irer.records import JobConfig, SimulationOptions, SncglParams
try:
    from irer.runners.processes import child_environment
except ImportError:  # 11.0
    from irer.execution.processes import child_environment
from settings import load
settings = load(home=Path(sys.argv[1]))
job = JobConfig(
    job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0, global_seed=1,
    model="sncgl_sdg", simulation=SimulationOptions(), sncgl_params=SncglParams(),
)
command = [sys.executable, "-c", sys.argv[2], str(settings.home), job.model_dump_json()]
subprocess.run(command, env=child_environment(settings.home), check=True)
"""
WORKER = """
import sys
from pathlib import Path
from irer.records import JobConfig
from settings import load
from worker_sncgl_sdg import run
home = Path(sys.argv[1])
(home / "simulation_data").mkdir(parents=True, exist_ok=True)
assert run(JobConfig.model_validate_json(sys.argv[2]), load(home=home))["outcome"] == "OK"
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
"""


def peak_mib(checkout: Path) -> float:
    """Return the peak of one worker of a checkout."""
    with tempfile.TemporaryDirectory(prefix="irer-bench-") as scratch:
        environment = {
            "PATH": "/usr/bin:/bin", "PYTHONPATH": str(checkout), "XDG_CACHE_HOME": scratch,
        }  # fmt: skip
        command = [sys.executable, "-c", ENGINE, f"{scratch}/home", WORKER]
        done = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, check=True
        )
        return int(done.stdout.splitlines()[-1]) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    sides = {"before": given.against.resolve()} if given.against else {}
    sides["after"] = ROOT
    peaks: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(given.rounds):
        for side, checkout in sides.items():
            peaks[side].append(peak_mib(checkout))
    found = {f"{side}_mib": statistics.median(values) for side, values in peaks.items()}
    if given.against:
        found["ratio"] = found["after_mib"] / found["before_mib"]
    name = "peak memory of a default job's process"
    report(name, rounds=given.rounds, goal=GOAL, **found)


if __name__ == "__main__":
    main()
