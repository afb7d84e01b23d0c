"""One job, run in every way there is, and what it left, for comparison in every bit."""

import hashlib
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import core_engine
from irer.base.machine import ONE_THREAD
from irer.base.records import JobConfig
from irer.controls.reproducing import reproduce_command
from irer.home.artifacts import read_artifact
from irer.home.provenance import read_provenance
from irer.home.registry import make_job, register
from irer.runners.pool import PoolRunner
from irer.runners.runner import Runner
from irer.runners.subprocess_runner import SubprocessRunner
from settings import Settings
from tests.docs.blocks import ROOT, copy_of_the_program
from tests.hunts import home, order
from tests.watching import Viewer

PATIENCE_S = 300
# What a shell may say about threads, and nothing, which means a thread for every core.
SHELLS = {
    "1": ONE_THREAD,
    "2": dict.fromkeys(ONE_THREAD, "2"),
    "all": {},
}
Left = dict[str, Any]  # name -> digest of an array; metrics, and what the record says of bits

_PYTHON = """
import sys
from irer.physics import SimulationConfig, simulate
config = SimulationConfig.model_validate_json(sys.argv[1])
if config.precision == "float64":
    import jax
    jax.config.update("jax_enable_x64", True)
result = simulate(config)
import numpy as np
np.savez(sys.argv[2], psi=result.psi, u=result.u, rho=result.snapshots["rho"],
         **{f"diagnostics/{name}": values for name, values in result.diagnostics.items()})
"""


def shell(threads: str, **more: str) -> dict[str, str]:
    """Return the environment of a shell that says `threads`; nothing of this process's own."""
    own = ("JAX_", "IRER_", "XLA_", "_IRER")
    kept = {k: v for k, v in os.environ.items() if k not in ONE_THREAD and not k.startswith(own)}
    return kept | SHELLS[threads] | more


def registered(settings: Settings, simulation: dict[str, Any], model: str) -> JobConfig:
    """Register one job of a hunt; it has the same seed and parameters in every home."""
    plan = core_engine.plan_hunt(order(simulation=simulation, model=model), settings)
    params = plan.fixed_params.model_dump()
    job = make_job(plan, str(uuid.uuid4()), 0, params)
    register(settings.home, [job])
    return job


def by_runner(
    make: Callable[[Settings], Runner], place: Path, simulation: dict[str, Any], model: str
) -> Left:
    """Run the job on a runner, in this process's environment, while somebody watches it."""
    settings = home(place, workers=1)
    job = registered(settings, simulation, model)
    runner = make(settings)
    with Viewer(settings.home) as viewer:
        runner.submit(job).result(PATIENCE_S)
    runner.close()
    assert settings.home.live_field_file(job.job_uuid).name in viewer.seen
    assert list(settings.home.live_field_files()) == []
    return left(settings, job)


def by_command(
    place: Path, simulation: dict[str, Any], model: str, environment: dict[str, str]
) -> Left:
    """Type the command that a hand-over prints, in a shell."""
    settings = home(place / "home")
    job = registered(settings, simulation, model)
    program = copy_of_the_program(place / "program")
    command = ["sh", "-e", "-c", reproduce_command(settings.home, job.job_uuid)]
    subprocess.run(command, cwd=program, env=environment, check=True, capture_output=True)
    return left(home(program / "again"), job)


def by_python(
    place: Path, simulation: dict[str, Any], model: str, environment: dict[str, str]
) -> Left:
    """Call `simulate` in a Python of its own, in a shell."""
    job = registered(home(place), simulation, model)
    fields = place / "fields.npz"
    command = [sys.executable, "-W", "error", "-c", _PYTHON]
    command += [job.simulation_config().model_dump_json(), str(fields)]
    environment = environment | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    with np.load(fields) as arrays:
        return {name: digest(values) for name, values in arrays.items()}


def left(settings: Settings, job: JobConfig) -> Left:
    """Return what a job left, by name."""
    artifact = read_artifact(settings.home.artifact_file(job.job_uuid), job.job_uuid)
    record = read_provenance(settings.home.provenance_file(job.job_uuid))
    assert record.metrics is not None, record.error
    assert record.versions["threads"] == "1"
    assert record.versions["processor"]
    assert record.reproducible is artifact.reproducible is True
    arrays = {"psi": artifact.psi, "u": artifact.u, "rho": artifact.snapshot_rho}
    arrays |= {f"diagnostics/{name}": values for name, values in artifact.diagnostics.items()}
    found: Left = {name: digest(values) for name, values in arrays.items()}
    return found | {"metrics": record.metrics.model_dump()}


def digest(values: np.ndarray) -> str:
    """Return the SHA-256 of an array's bits."""
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def pool(settings: Settings) -> Runner:
    """Return the pool, its worker on all cores."""
    return PoolRunner(settings, pin=False)


RUNNERS: dict[str, Callable[[Settings], Runner]] = {"pool": pool, "subprocess": SubprocessRunner}
