"""A simulator that makes spectra to order: noise, or noise with lines at the targets."""

from typing import Any

import numpy as np

from irer.base.records import JobConfig, Outcome, Provenance, SimulationOptions
from irer.home.artifacts import Artifact, write_artifact
from irer.validation import TARGETS
from settings import Settings
from tests.canned import CannedRunner
from validation_pipeline import judge

WIDTH = 0.03  # standard deviation of a planted line, radians per unit length


def planted_density(
    n_grid: int, box_length: float, height: float, rng: np.random.Generator
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """rho = 1 + 0.3 f / std f, f Gaussian with P = exp(-k) (1 + height x a line per target)."""
    k_axis = 2 * np.pi / box_length * np.fft.fftfreq(n_grid, 1 / n_grid)
    k = np.hypot(k_axis[:, None], k_axis[None, :])
    lines = sum(np.exp(-((k - target) ** 2) / (2 * WIDTH**2)) for target in TARGETS)
    noise = np.fft.fftn(rng.standard_normal((n_grid, n_grid)))
    field = np.fft.ifftn(noise * np.sqrt(np.exp(-k) * (1 + height * lines))).real
    return 1 + 0.3 * field / field.std()


class PlantedRunner(CannedRunner):
    """Writes artifacts whose density has lines of `height`, and judges them as ever."""

    def __init__(self, settings: Settings, height: float) -> None:
        super().__init__(settings, self._simulate_and_judge)
        self._home = settings
        self._height = height

    def _simulate_and_judge(self, job: JobConfig) -> Provenance:
        artifact = planted_artifact(job, self._height)
        write_artifact(self._home.home.artifact_file(job.job_uuid), artifact)
        return Provenance.of_job(job, **judge(job, artifact)._asdict())


def planted_artifact(job: JobConfig, height: float) -> Artifact:
    """A whole artifact of `job`: a real psi = sqrt(rho), u = 0, one snapshot."""
    options: SimulationOptions = job.simulation
    rng = np.random.default_rng(job.global_seed)
    rho = planted_density(options.N_grid, options.box_length, height, rng)
    return Artifact(
        job=job,
        outcome=Outcome.OK,
        last_good_time=1.0,
        psi=np.sqrt(np.maximum(rho, 0)).astype(np.complex128),
        u=np.zeros_like(rho),
        snapshot_t=np.array([1.0]),
        snapshot_rho=rho[None],
        diagnostics={
            "t": np.linspace(0.02, 1, 50),
            "density_mean": np.ones(50),
            "u_mean": np.zeros(50),
            "sdg_h_norm_l2": np.full(50, 1e-4),
        },
    )
