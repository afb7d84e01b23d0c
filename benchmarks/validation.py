"""What validating a default job costs once the process is warm, its 1,000 nulls of each kind too.

Fields of the default grid with four snapshots, no lines: the costliest case, because every null
spectrum competes with the real one. CPU seconds of one thread; reading and writing files count.
usage: python benchmarks/validation.py
"""

import os
import sys
import tempfile
import uuid
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import alternate, pin_to_one_core, report

pin_to_one_core()

import numpy as np

import settings
import validation_pipeline
from irer.base.files import write_json
from irer.base.records import JobConfig, Outcome, SimulationOptions, SncglParams
from irer.home.artifacts import Artifact, read_artifact, write_artifact
from irer.validation import (
    classical_norms,
    constraint_norms,
    log_prime_fidelity,
    psi_rate,
    tail_ratio,
)

GOAL_S = 0.15
ROUNDS = 15


def random_field(rng: np.random.Generator, options: SimulationOptions) -> np.ndarray:
    """A complex Gaussian field with the power spectrum exp(-2 k), of unit RMS."""
    line = 2 * np.pi / options.box_length * np.fft.fftfreq(options.N_grid, 1 / options.N_grid)
    k = np.hypot(line[:, None], line)
    draw = rng.standard_normal((*k.shape, 2)) @ np.array([1, 1j])
    field = np.fft.ifft2(np.exp(-k) * draw)
    return field / np.sqrt(np.mean(np.abs(field) ** 2))


def artifact(job: JobConfig) -> Artifact:
    rng, options = np.random.default_rng(job.global_seed), job.simulation
    fields = [random_field(rng, options) for _ in range(4)]
    return Artifact(
        job=job,
        outcome=Outcome.OK,
        last_good_time=20.0,
        psi=fields[-1].astype(np.complex64),
        u=(0.05 * random_field(rng, options).real).astype(np.float32),
        snapshot_t=np.array([12.5, 15.0, 17.5, 20.0]),
        snapshot_rho=np.abs(np.array(fields)).astype(np.float32) ** 2,
        diagnostics={"t": np.array([20.0])},
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = settings.load(home=Path(folder))
        job = JobConfig(
            job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
            global_seed=1, model="sncgl_sdg", simulation=SimulationOptions(),
            sncgl_params=SncglParams(),
        )  # fmt: skip
        write_json(home.home.config_file(job.job_uuid), job.model_dump(mode="json"))
        write_artifact(home.home.artifact_file(job.job_uuid), artifact(job))
        measure(home, job)


def measure(home: settings.Settings, job: JobConfig) -> None:
    options, params = job.simulation, job.sncgl_params
    stored = read_artifact(home.home.artifact_file(job.job_uuid), job.job_uuid)
    psi, u = stored.psi.astype(np.complex128), stored.u.astype(np.float64)
    length, kappa = options.box_length, params.kappa

    def whole() -> None:
        home.home.provenance_file(job.job_uuid).unlink(missing_ok=True)
        validation_pipeline.validate_job(job.job_uuid, None, home)

    found = alternate(
        {
            "validate": whole,
            "fidelity": lambda: log_prime_fidelity(stored.snapshot_rho, length),
            "fidelity_without_nulls": lambda: log_prime_fidelity(stored.snapshot_rho, length, 0),
            "constraint": lambda: constraint_norms(psi, u, length, kappa),
            "classical": lambda: classical_norms(
                psi, psi_rate(psi, u, length, params, 1), u, length, kappa
            ),
            "tail_ratio": lambda: tail_ratio(psi, options.dealias),
        },
        ROUNDS,
    )
    report(
        "validation of a default job", N=options.N_grid, snapshots=4,
        n_null=validation_pipeline.N_NULLS, goal_s=GOAL_S,
        **{f"{name}_s": seconds for name, seconds in found.items()},
    )  # fmt: skip


if __name__ == "__main__":
    main()
