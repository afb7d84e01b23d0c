"""A library of spectra that the solver itself makes: what the measure is calibrated on.

`--draws N` simulates N random draws of the default space and `--hunt HOME` takes the runs of a
hunt's late generations; each keeps its seed, parameters and spectrum, not its fields, in
benchmarks/data/own_fields.npz. Only runs that have a score are kept. Prints a JSON line for the
draws and for each hunt: how many runs there were, how many settled, why others were left out.
"""

import argparse
import json
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

import settings
from benchmarks.timing import report
from irer.base.goals import why_no_score
from irer.base.records import JobConfig, Metrics, SimulationOptions, SncglParams
from irer.home import open_home
from irer.home.artifacts import Artifact, read_artifact
from irer.validation.spectrum import Spectrum

LIBRARY = Path(__file__).parent / "data" / "own_fields.npz"
ARRAYS = ("k", "power", "background", "noise", "excess", "modes")
NO_ID = "00000000-0000-4000-8000-000000000000"
Kept = dict[str, Any]


def load() -> list[Spectrum]:
    """Return the spectra of the library."""
    with np.load(LIBRARY) as stored:
        columns = {name: stored[name] for name in (*ARRAYS, "floor")}
    return [
        Spectrum(**dict(zip(columns, row, strict=True)))
        for row in zip(*columns.values(), strict=True)
    ]


def drawn_job(draw: int, **options: Any) -> JobConfig:
    """Return the job of a random draw of the default space."""
    rng = np.random.default_rng([2026, draw])
    space = settings.DEFAULT_PARAM_SPACE
    params = {name: float(rng.uniform(*bounds)) for name, bounds in space.items()}
    return JobConfig(
        job_uuid=NO_ID,
        hunt_id=NO_ID,
        generation=1,
        index=draw,
        global_seed=draw,
        model="sncgl_sdg",
        simulation=SimulationOptions(**options),
        sncgl_params=SncglParams(**params),
    )


def simulated(job: JobConfig) -> Artifact:
    """Return what the worker would store of a job."""
    import jax

    from irer.physics import simulate

    with jax.enable_x64(job.simulation.precision == "float64"):
        result = simulate(job.simulation_config())
    return Artifact(
        job=job,
        outcome=result.outcome,
        last_good_time=result.t,
        psi=result.psi,
        u=result.u,
        snapshot_t=result.snapshots["t"],
        snapshot_rho=result.snapshots["rho"],
        diagnostics=result.diagnostics,
    )


Measured = tuple[str | None, bool, Kept]


def measured(job: JobConfig, artifact: Artifact | None = None) -> Measured:
    """Return why a job is not kept or None, whether it settled, and what is kept of it."""
    import validation_pipeline

    validation_pipeline.N_NULLS = 0
    artifact = artifact or simulated(job)
    judgement = validation_pipeline.judge(job, artifact)
    metrics: Metrics | None = judgement.metrics
    if metrics is None:
        return str(judgement.error.reason), False, {}
    if reason := why_no_score(metrics) or metrics.degenerate:
        return reason, metrics.settled, {}
    from irer.validation import fidelity_of

    spectrum = fidelity_of(artifact.snapshot_rho, job.simulation).spectrum
    assert spectrum is not None
    kept: Kept = {
        **{name: getattr(spectrum, name) for name in ARRAYS},
        "floor": spectrum.floor,
        "seed": job.global_seed,
        "params": list(job.sncgl_params.model_dump().values()),
    }
    return None, metrics.settled, kept


def _single_thread() -> None:
    os.environ["PJRT_NPROC"] = "1"


def draws(first: int, last: int, workers: int, **options: Any) -> list[Measured]:
    """Simulate and measure the draws first..last - 1."""
    jobs = [drawn_job(draw, **options) for draw in range(first, last)]
    with ProcessPoolExecutor(workers, get_context("spawn"), _single_thread) as pool:
        return list(pool.map(measured, jobs, chunksize=4))


def of_hunt(folder: Path, generations: int) -> list[Measured]:
    """Measure the runs of a hunt's last generations."""
    home = open_home(folder)
    records = [json.loads(path.read_text()) for path in home.provenance_dir.iterdir()]
    last = max(record["generation"] for record in records)
    found = []
    for record in sorted(records, key=lambda record: (record["generation"], record["index"])):
        path = home.artifact_file(record["job_uuid"])
        if record["generation"] > last - generations and path.exists():
            artifact = read_artifact(path, record["job_uuid"])
            found.append(measured(artifact.job, artifact))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hunt", type=Path, action="append", default=[])
    parser.add_argument("--generations", type=int, default=3, help="the last so many of a hunt")
    parser.add_argument("--workers", type=int, default=settings.usable_cores())
    parser.add_argument("--small", action="store_true", help="two draws of a small box, not kept")
    given = parser.parse_args()
    if given.small:
        found = {"draws": draws(0, 2, 1, N_grid=64, box_length=50.0, T_steps=40)}
    else:
        found = {"draws": draws(given.first, given.first + given.draws, given.workers)}
        found |= {folder.name: of_hunt(folder, given.generations) for folder in given.hunt}
    for source, runs in found.items():
        tell(source, runs)
    kept = [values for runs in found.values() for reason, _, values in runs if reason is None]
    if kept and not given.small:
        LIBRARY.parent.mkdir(exist_ok=True)
        columns = {name: np.array([values[name] for values in kept]) for name in kept[0]}
        np.savez_compressed(LIBRARY, **columns)


def tell(source: str, runs: list[Measured]) -> None:
    """Print how many of the runs settled, how many are kept, and why others are not."""
    left_out = Counter(reason for reason, _, _ in runs if reason is not None)
    settled = sum(one_settled for _, one_settled, _ in runs)
    report(
        "own fields", source=source, runs=len(runs), settled=settled,
        kept=len(runs) - left_out.total(), left_out=left_out,
    )  # fmt: skip


if __name__ == "__main__":
    main()
