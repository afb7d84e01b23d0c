"""A stored list of jobs on this checkout and on another: processor seconds of the worker.

The list (`replay_jobs.json`) are 30 draws of the default space, Sobol' points as a hunt's first
runs are, with the simulation's defaults of the time: N = 256, 200 steps, 50 frames. One warm
process for each checkout runs each job as the worker does, artifact included, and the two take
turns, job by job, on one core. The first job of each is cold and not counted.
usage: python benchmarks/solver_replay.py --against OTHER [--rounds 1] [--jobs 30]
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.timing import WarmProcess, answer_questions

SIMULATION = {"N_grid": 256, "T_steps": 200, "dt": 0.1, "n_frames": 50, "n_snapshots": 4}


def serve(home: Path) -> None:
    """Say what each job took that is asked for, in the checkout at the working folder.

    Of that checkout it uses only what stands under the same names since 11.0.
    """
    sys.path[0] = str(Path.cwd())
    import h5py

    import settings
    import worker_sncgl_sdg
    from irer.records import JobConfig, SimulationOptions, SncglParams

    where = settings.load(home=home)
    (home / "simulation_data").mkdir(parents=True, exist_ok=True)

    def run(asked: dict[str, Any]) -> dict[str, Any]:
        job = JobConfig(
            job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
            global_seed=asked["seed"], model="sncgl_sdg",
            simulation=SimulationOptions(**SIMULATION), sncgl_params=SncglParams(**asked["params"]),
        )  # fmt: skip
        began = time.process_time()
        done = worker_sncgl_sdg.run(job, where)
        seconds = time.process_time() - began
        artifact = Path(done["artifact"])
        with h5py.File(artifact) as file:
            steps = float(file["diagnostics/substeps"][...].sum())
        artifact.unlink()
        return {"seconds": seconds, "outcome": done["outcome"], "steps": steps}

    answer_questions(run)


def compare(other: Path, jobs: list[dict[str, Any]], rounds: int, scratch: Path) -> dict[str, Any]:
    """Return the figures of both sides."""
    checkouts = {"here": HERE.parent, "other": other}
    script = str(HERE / "solver_replay.py")
    sides = {
        name: WarmProcess(folder, [script, "--serve", str(scratch / name)])
        for name, folder in checkouts.items()
    }
    for side in sides.values():
        side.ask(jobs[0])
    answers: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for job in jobs:
            for name, side in sides.items():
                answers[name].append(side.ask(job))
    for side in sides.values():
        side.close()
    here, theirs = answers["here"], answers["other"]
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(here, theirs, strict=True)]
    total = {name: sum(a["seconds"] for a in found) for name, found in answers.items()}
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
        "not_ok": [sum(a["outcome"] != "OK" for a in found) for found in (here, theirs)],
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
