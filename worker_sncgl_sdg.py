"""The worker: one registered job in, one simulation artifact out.

    python worker_sncgl_sdg.py --params CONFIG.json --job_uuid UUID

Exit 0: the run stayed finite. 1: it did not (the artifact says when), or something broke.
2: bad input. The last line of standard output is a JSON report of the artifact.
"""

import functools
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np

import settings
from irer import __version__
from irer.artifacts import Artifact, write_artifact
from irer.commandline import Parser, report_storage_error, uuid_argument
from irer.errors import IrerError, SimulationFailed
from irer.execution.processes import end_with_parent
from irer.execution.registry import read_job
from irer.files import sha256_of_file
from irer.physics import simulate
from irer.provenance import refuse_committed
from irer.records import JobConfig


def main(arguments: list[str] | None = None) -> int:
    """Run the worker's command line and return its exit code."""
    end_with_parent()
    options = _parser().parse_args(arguments)
    try:
        job = read_job(options.params, options.job_uuid)
        report = run(job, settings.load())
        print(json.dumps(report), flush=True)
        return 0 if report["outcome"] == "OK" else SimulationFailed.exit_code
    except IrerError as error:
        report_storage_error(options.job_uuid, error)
        print(f"worker_sncgl_sdg.py: {error.message}", file=sys.stderr)
        return error.exit_code


def _parser() -> Parser:
    parser = Parser("worker_sncgl_sdg.py", "Simulate one registered job.")
    parser.add_argument("--params", type=Path, required=True, help="the job's config file")
    parser.add_argument(
        "--job_uuid", type=uuid_argument, required=True, help="the job's UUID, as in that file"
    )
    return parser


def run(job: JobConfig, home: settings.Settings) -> dict[str, Any]:
    """Simulate `job`, write its artifact, and return the report (digest, outcome, seconds).

    Raises ConflictError for a committed job, StorageError if the artifact cannot be written.
    """
    refuse_committed(home.provenance_file(job.job_uuid))
    config = job.simulation_config()
    start = time.perf_counter()
    with jax.enable_x64(config.precision == "float64"):
        result = simulate(config)
    seconds = time.perf_counter() - start
    artifact = Artifact(
        job=job,
        outcome=result.outcome,
        last_good_time=result.t,
        psi=result.psi,
        u=result.u,
        snapshot_t=result.snapshots["t"],
        snapshot_rho=result.snapshots["rho"],
        diagnostics=result.diagnostics,
        versions=versions(),
        device=str(jax.devices()[0]),
        wall_time_s=seconds,
    )
    path = home.artifact_file(job.job_uuid)
    write_artifact(path, artifact)
    return {
        "job_uuid": job.job_uuid,
        "artifact": str(path),
        "artifact_sha256": sha256_of_file(path),
        "outcome": result.outcome.name,
        "seconds": seconds,
    }


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions that a run depends on, the project's git commit when there is one."""
    found = {
        "python": platform.python_version(),
        "jax": jax.__version__,
        "numpy": np.__version__,
        "irer": __version__,
    }
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        answer = subprocess.run(
            command, cwd=settings.SOURCE_ROOT, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return found
    return found | {"git_commit": answer.stdout.strip()} if answer.returncode == 0 else found


if __name__ == "__main__":
    sys.exit(main())
