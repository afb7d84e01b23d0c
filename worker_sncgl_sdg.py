"""The worker: one registered job in, one simulation artifact out.

    python worker_sncgl_sdg.py --params CONFIG.json --job_uuid UUID

Exit 0: the run stayed finite. 1: it did not (the artifact says when), or something broke.
2: bad input. The last line of standard output is a JSON report of the artifact.
"""

from irer.base.machine import processor, use_one_thread

use_one_thread()  # before anything imports a numerical library

import argparse
import functools
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import settings as settings_module
from irer import __version__
from irer.base.clock import now
from irer.base.commandline import Parser, report_storage_error, run_program, uuid_argument
from irer.base.errors import IrerError, SimulationFailed
from irer.base.files import sha256_of_file
from irer.base.records import JobConfig, SimulationConfig
from irer.home import Home
from irer.home.artifacts import Artifact, write_artifact
from irer.home.live import LiveFields
from irer.home.provenance import refuse_committed
from irer.home.registry import read_job
from irer.physics import SimulationResult, simulate_batch
from irer.physics.threads import REPRODUCIBLE, XLA_THREAD_COUNT
from irer.runners.compile_once import compile_once
from irer.runners.processes import end_with_parent, error_in_words
from settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Run the worker's command line and return its exit code."""
    end_with_parent()
    options = _parser().parse_args(arguments)
    try:
        job = read_job(options.params, options.job_uuid)
        report = run(job, settings_module.load())
        print(json.dumps(report), flush=True)
        return 0 if report["outcome"] == "OK" else SimulationFailed.exit_code
    except IrerError as error:
        report_storage_error(options.job_uuid, error)
        print(f"worker_sncgl_sdg.py: {error.message}", file=sys.stderr)
        return error.exit_code


class _TryDevice(argparse.Action):
    """Say what simulations run on, and end; a device that cannot be used is an error."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        try:
            print(try_device())
        except Exception as error:
            parser.exit(1, f"{error_in_words(error)}\n")
        parser.exit()


def _parser() -> Parser:
    parser = Parser("worker_sncgl_sdg.py", "Simulate one registered job.")
    parser.add_argument(
        "--try-device", action=_TryDevice, nargs=0, help="say what JAX computes on, and end"
    )
    parser.add_argument("--params", type=Path, required=True, help="the job's config file")
    parser.add_argument(
        "--job_uuid", type=uuid_argument, required=True, help="the job's UUID, as in that file"
    )
    return parser


def run(job: JobConfig, settings: Settings) -> dict[str, Any]:
    """Simulate `job`, write its artifact, and return the report (digest, outcome, seconds).

    Raises ConflictError for a committed job, StorageError if the artifact cannot be written.
    """
    return run_batch([job], settings)[0]


def run_batch(jobs: list[JobConfig], settings: Settings) -> list[dict[str, Any]]:
    """Simulate jobs of one shape together; return a report for each, as `run` does.

    Each job's seconds are its share, its times those of the batch. Raises MemoryError when the
    device has not enough memory for so many, before any artifact is written.
    """
    for job in jobs:
        refuse_committed(settings.home.provenance_file(job.job_uuid))
    configs = [job.simulation_config() for job in jobs]
    if jax.default_backend() == "cpu":
        compile_once(configs[0])
    start, began = time.perf_counter(), now()
    with (
        jax.enable_x64(configs[0].precision == "float64"),
        _memory_errors(),
        LiveFields(settings.home, jobs) as watch,
    ):
        results = simulate_batch(configs, watch=watch)
    seconds, times = (time.perf_counter() - start) / len(jobs), (began, now())
    pairs = zip(jobs, results, strict=True)
    return [_keep(job, result, seconds, times, settings.home) for job, result in pairs]


def compile_for(config: str) -> None:
    """Simulate a config, given as JSON, so that JAX caches its programs; see `compile_once`."""
    end_with_parent()
    parsed = SimulationConfig.model_validate_json(config)
    with jax.enable_x64(parsed.precision == "float64"):
        simulate_batch([parsed])


@contextmanager
def _memory_errors() -> Iterator[None]:
    """Raise MemoryError where JAX reports that memory ran out."""
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise MemoryError(str(error).splitlines()[0]) from error


def _keep(
    job: JobConfig,
    result: SimulationResult,
    seconds: float,
    times: tuple[str, str],
    home: Home,
) -> dict[str, Any]:
    """Write the artifact of a simulation and return the report."""
    artifact = Artifact(
        job=job,
        outcome=result.outcome,
        last_good_time=result.t,
        psi=result.psi,
        u=result.u,
        momentum=result.momentum,
        snapshot_t=result.snapshots["t"],
        snapshot_rho=result.snapshots["rho"],
        diagnostics=result.diagnostics,
        versions=versions(),
        reproducible=REPRODUCIBLE if jax.default_backend() == "cpu" else None,
        device=str(jax.devices()[0]),
        wall_time_s=seconds,
        started_at=times[0],
        ended_at=times[1],
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


def try_device() -> str:
    """Compute a little where simulations run, and return what that is: cpu, gpu or tpu.

    Raises whatever JAX does when the device cannot be opened or used.
    """
    device = jax.default_backend()
    jnp.fft.fft(jnp.ones(8)).block_until_ready()
    return device


@functools.cache
def versions() -> dict[str, str]:
    """Return what the bits of a run depend on: versions, processor, threads, compiler flags.

    With the project's git commit when there is one.
    """
    found = {
        "python": platform.python_version(),
        "jax": jax.__version__,
        "numpy": np.__version__,
        "irer": __version__,
        "processor": processor(),
        "threads": str(XLA_THREAD_COUNT),
    }
    if flags := os.environ.get("XLA_FLAGS"):
        found["xla_flags"] = flags
    if not (settings_module.SOURCE_ROOT / ".git").exists():  # an installed copy, in any project
        return found
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        answer = subprocess.run(
            command, cwd=settings_module.SOURCE_ROOT, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return found
    return found | {"git_commit": answer.stdout.strip()} if answer.returncode == 0 else found


if __name__ == "__main__":
    run_program(main)
