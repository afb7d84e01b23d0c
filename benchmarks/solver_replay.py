"""A stored list of jobs on this checkout and on another: processor seconds of the worker.

The list (`replay_jobs.json`) are 30 draws of the default space, Sobol' points as a hunt's first
runs are, with the simulation's defaults of the time: N = 256, 200 steps, 50 frames. One warm
process for each checkout runs each job as the worker does, artifact included, and the two take
turns, job by job, on one core. The first job of each is cold and not counted.
usage: python benchmarks/solver_replay.py --against OTHER [--rounds 1] [--jobs 30]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PJRT_NPROC": "1"}
SIMULATION = {"N_grid": 256, "T_steps": 200, "dt": 0.1, "n_frames": 50, "n_snapshots": 4}


def serve(home: Path) -> None:
    """Run the jobs that standard input names, one a line, in the checkout at the working folder."""
    sys.path[0] = str(Path.cwd())
    import settings
    import worker_sncgl_sdg
    from irer.base.records import JobConfig, SimulationOptions, SncglParams
    from irer.home.artifacts import read_artifact

    where = settings.load(home=home)
    for folder in (where.home.data_dir, where.home.config_dir, where.home.provenance_dir):
        folder.mkdir(parents=True, exist_ok=True)
    for line in sys.stdin:
        asked = json.loads(line)
        job = JobConfig(
            job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
            global_seed=asked["seed"], model="sncgl_sdg",
            simulation=SimulationOptions(**SIMULATION), sncgl_params=SncglParams(**asked["params"]),
        )  # fmt: skip
        began = time.process_time()
        done = worker_sncgl_sdg.run(job, where)
        seconds = time.process_time() - began
        artifact = read_artifact(Path(done["artifact"]), job.job_uuid)
        Path(done["artifact"]).unlink()
        answer = {
            "seconds": seconds,
            "outcome": done["outcome"],
            "steps": float(artifact.diagnostics["substeps"].sum()),
        }
        print("ANSWER " + json.dumps(answer), flush=True)


class Side:
    """A warm process of one checkout."""

    def __init__(self, checkout: Path, scratch: Path) -> None:
        command = [sys.executable, str(HERE / "solver_replay.py"), "--serve", str(scratch)]
        if hasattr(os, "sched_setaffinity"):
            command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
        environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(checkout)}
        self.process = subprocess.Popen(
            command, cwd=checkout, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.answers: list[dict[str, Any]] = []

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Return what a job took."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("ANSWER "):
                found: dict[str, Any] = json.loads(line.removeprefix("ANSWER "))
                return found
        raise SystemExit(f"the process of {self.process.args!r} ended")

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def compare(other: Path, jobs: list[dict[str, Any]], rounds: int, scratch: Path) -> dict[str, Any]:
    """Return the figures of both sides."""
    sides = {"here": Side(HERE.parent, scratch / "here"), "other": Side(other, scratch / "other")}
    for side in sides.values():
        side.run(jobs[0])
    for _ in range(rounds):
        for job in jobs:
            for side in sides.values():
                side.answers.append(side.run(job))
    for side in sides.values():
        side.close()
    here, theirs = sides["here"].answers, sides["other"].answers
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(here, theirs, strict=True)]
    total = {name: sum(a["seconds"] for a in side.answers) for name, side in sides.items()}
    return {
        "benchmark": "replay of stored jobs",
        "jobs": len(jobs),
        "rounds": rounds,
        "ratio": round(total["here"] / total["other"], 3),
        "median_ratio": round(statistics.median(ratios), 3),
        "largest_ratio": round(max(ratios), 3),
        "seconds_a_job": round(total["here"] / len(here), 3),
        "seconds_a_job_other": round(total["other"] / len(theirs), 3),
        "steps_a_job": round(sum(a["steps"] for a in here) / len(here), 1),
        "steps_a_job_other": round(sum(a["steps"] for a in theirs) / len(theirs), 1),
        "not_ok": [sum(a["outcome"] != "OK" for a in answers) for answers in (here, theirs)],
        "goal": 0.5,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Replay stored jobs on two checkouts.")
    parser.add_argument("--against", type=Path, help="the other checkout")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=30, help="the first so many of the list")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    if given.against is None:
        print(json.dumps({"benchmark": "replay of stored jobs", "skipped": "no --against PATH"}))
        return
    jobs = json.loads((HERE / "replay_jobs.json").read_text())[: given.jobs]
    scratch = Path(tempfile.mkdtemp(prefix="irer-replay-"))
    try:
        print(json.dumps(compare(given.against.resolve(), jobs, given.rounds, scratch)))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
