"""What the hunter itself costs a run, and what it costs to start on a long ledger.

    python benchmarks/search_scale.py [--runs 100000] [--sampler nsga2] [--population 100]
                                      [--against CHECKOUT] [--rounds 3]

The whole round of a generation, without engine or simulation: propose, register, read the
provenance records, append the ledger's rows, best run, Pareto front, hypervolume. Records are
written to a real home, their time is not counted. Prints one JSON line:
  ms_a_run             CPU time a run (propose + record + best + Pareto)
  last_over_first      the last tenth of the runs / the first tenth (without the very first
                       generation, which imports and compiles)
  start_s, start_mb    CPU seconds and peak memory of a process that makes a hunter on that ledger
With `--against` the same script of another checkout runs in turn with this one, a process each,
and one more line has the medians of ms_a_run of both and their ratio.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from aste_hunter import Hunter
from irer.base.files import dump_json
from irer.base.goals import MEASURE_VERSION
from irer.base.records import JobConfig, Metrics, Provenance, RunState, Sampler, SimulationOptions
from irer.base.records import SncglParams as Params
from irer.search import samplers  # noqa: F401  (the hunter imports it late; that is no cost a run)

HUNT = str(uuid.UUID(int=1))
START = """
import json, resource, sys, time
from pathlib import Path
from aste_hunter import Hunter
began = time.process_time()
Hunter(Path(sys.argv[1]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([time.process_time() - began, peak]))
"""


def record_of(job: JobConfig) -> Provenance:
    """Return a result whose front goes on growing slowly."""
    p = job.sncgl_params
    sse = 0.2 + 1.2 * (p.c1 - 0.5) ** 2 / 6.25 + 0.3 * (p.epsilon - 0.7) ** 2
    h_norm = 0.001 + 0.1 * (p.c3 - 0.3) ** 2 + 0.02 * abs(p.c1 + 1) + 0.01 * p.kappa
    named = [name for name, field in Metrics.model_fields.items() if field.is_required()]
    values = dict.fromkeys(named, h_norm) | {
        "log_prime_sse": sse,
        "n_targets_resolved": 8,
        "n_candidates": 8,
        "log_prime_sse_scaled": sse,
        "log_prime_sse_multi_ray": sse,
        "under_resolved": False,
        "measure_version": MEASURE_VERSION,
        "settled": True,
    }
    metrics = Metrics.model_validate(values)
    return Provenance.of_job(job, state=RunState.COMPLETE, metrics=metrics, error=None)


def generation(hunter: Hunter, folder: Path, number: int, population: int) -> float:
    """Run one generation; return the CPU seconds of the hunter's part."""
    began = time.process_time()
    points = hunter.get_next_generation(population)
    spent = time.process_time() - began
    jobs = [
        JobConfig(
            job_uuid=str(uuid.uuid4()),
            hunt_id=HUNT,
            generation=number,
            index=index,
            global_seed=index,
            model="sncgl_sdg",
            simulation=SimulationOptions(),
            sncgl_params=Params(**point),
        )
        for index, point in enumerate(points)
    ]
    paths = [folder / f"provenance_{job.job_uuid}.json" for job in jobs]
    for path, job in zip(paths, jobs, strict=True):
        path.write_text(dump_json(record_of(job).model_dump(mode="json")))
    began = time.process_time()
    hunter.register_new_jobs({"job_uuid": j.job_uuid, **j.sncgl_params.model_dump()} for j in jobs)
    hunter.process_generation_results(folder, [job.job_uuid for job in jobs])
    best = Path(folder / f"provenance_{hunter.get_best_run()['job_uuid']}.json")
    assert hunter.front
    assert hunter.hypervolume > 0
    spent += time.process_time() - began
    for path in paths:  # a disk does not hold them all, and only the best is read again
        if path != best:
            path.unlink()
    return spent


def start_up(ledger: Path) -> tuple[float, float]:
    """Return the CPU seconds and the peak memory in MB of a hunter's start."""
    root = str(Path(__file__).resolve().parent.parent)
    answer = subprocess.run(
        [sys.executable, "-c", START, str(ledger)],
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        check=True,
    )
    seconds, peak = json.loads(answer.stdout)
    return float(seconds), float(peak)


def measure(runs: int, sampler: Sampler, population: int) -> dict[str, object]:
    """Return the figures of a hunt of so many runs."""
    with tempfile.TemporaryDirectory(prefix="irer-bench-") as scratch:
        home = Path(scratch)
        folder = home / "provenance_reports"
        folder.mkdir()
        hunter = Hunter(home / "simulation_ledger.csv", sampler=sampler, hunt_id=HUNT)
        generations = runs // population
        spent = [generation(hunter, folder, g + 1, population) for g in range(generations)]
        start_s, start_mb = start_up(hunter.ledger_file)
    tenth = max(1, generations // 10)
    return {
        "benchmark": "search_scale",
        "sampler": sampler,
        "population": population,
        "runs": runs,
        "ms_a_run": round(1000 * sum(spent) / runs, 3),
        "last_over_first": round(sum(spent[-tenth:]) / sum(spent[1 : 1 + tenth]), 3),
        "front": len(hunter.front),
        "start_s": round(start_s, 2),
        "start_mb": round(start_mb),
    }


def side_by_side(other: Path, rounds: int, options: list[str]) -> dict[str, object]:
    """Return the medians of ms_a_run of both checkouts over alternating processes."""
    checkouts = {"this": Path(__file__).resolve().parent.parent, "other": other.resolve()}
    found: dict[str, list[float]] = {name: [] for name in checkouts}
    for _ in range(rounds):
        for name, root in checkouts.items():
            command = [sys.executable, str(root / "benchmarks/search_scale.py"), *options]
            answer = subprocess.run(command, cwd=root, capture_output=True, check=True)
            found[name].append(json.loads(answer.stdout)["ms_a_run"])
    medians = {name: statistics.median(values) for name, values in found.items()}
    return {
        "benchmark": "search_scale",
        "options": " ".join(options),
        "rounds": rounds,
        "ms_a_run": medians,
        "ratio": round(medians["this"] / medians["other"], 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the hunter at scale.")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--sampler", default="nsga2")
    parser.add_argument("--population", type=int, default=100)
    parser.add_argument("--against", type=Path, help="another checkout, measured in turn")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.against is None:
        print(json.dumps(measure(given.runs, given.sampler, given.population)))
        return
    options = ["--runs", str(given.runs), "--sampler", given.sampler]
    options += ["--population", str(given.population)]
    print(json.dumps(side_by_side(given.against, given.rounds, options)))


if __name__ == "__main__":
    main()
