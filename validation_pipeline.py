"""Judge one simulation: read its artifact, compute its metrics, write its provenance.

The provenance commits the job. It says COMPLETE with metrics, or FAILED with the reason; an
artifact that is torn or not what it says it is can only fail. NumPy and SciPy in float64.
"""

from irer.machine import use_one_thread

use_one_thread()  # before anything imports a numerical library

import argparse
import re
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np
import scipy

import settings
from irer import seeds
from irer.artifacts import Artifact, read_artifact
from irer.checking import check
from irer.commandline import Parser, report_storage_error, uuid_argument
from irer.errors import ArtifactError, ConfigError, IrerError
from irer.execution.processes import end_with_parent
from irer.execution.registry import read_job
from irer.files import write_json
from irer.provenance import refuse_committed
from irer.records import (
    FailureReason,
    JobConfig,
    Metrics,
    Outcome,
    Provenance,
    RunError,
    RunState,
    Seconds,
    added,
)
from irer.validation import (
    UNDER_RESOLVED,
    classical_norms,
    constraint_norms,
    fidelity_of,
    final_rate,
    tail_ratio,
)

N_NULLS = 1000  # of each kind


def validate_job(job_uuid: str, artifact_sha256: str | None, home: settings.Settings) -> Provenance:
    """Judge the artifact of `job_uuid`, write and return its provenance.

    Raises ConflictError if the job is committed already, ConfigError if its registration is
    missing or invalid, StorageError if the provenance cannot be written. Whatever is wrong with
    the artifact makes a FAILED provenance.
    """
    started = time.perf_counter()
    refuse_committed(home.provenance_file(job_uuid))
    job = read_job(home.config_file(job_uuid), job_uuid)
    artifact: Artifact | None = None
    try:
        artifact = read_artifact(home.artifact_file(job_uuid), job_uuid)
        verdict = judge(job, artifact)
    except ArtifactError as error:
        verdict = failed(FailureReason.BAD_ARTIFACT, error.message)
    provenance = Provenance.of_job(
        job,
        **verdict,
        artifact_sha256=artifact_sha256,
        versions={
            **(artifact.versions if artifact else {}),
            "validator_numpy": np.__version__,
            "validator_scipy": scipy.__version__,
        },
        reproducible=artifact.reproducible if artifact else None,
        seconds=Seconds(
            simulation=artifact.wall_time_s if artifact else None,
            validation=time.perf_counter() - started,
        ),
    )
    write_json(home.provenance_file(job_uuid), provenance.model_dump(mode="json"))
    return provenance


def judge(job: JobConfig, artifact: Artifact) -> dict[str, Any]:
    """Return `state`, `metrics` and `error` of the job's provenance. Raises ArtifactError."""
    if artifact.job != job:
        raise ArtifactError("the artifact was made from another configuration than the registered")
    if artifact.outcome is not Outcome.OK:
        reason = FailureReason[artifact.outcome.name]
        return failed(reason, f"last good time {artifact.last_good_time:g}")
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            metrics = measure(job, artifact)
    except (FloatingPointError, ConfigError) as error:
        return failed(FailureReason.BAD_METRICS, f"a metric left the finite numbers: {error}")
    return {"state": RunState.COMPLETE, "metrics": metrics, "error": None}


def measure(job: JobConfig, artifact: Artifact) -> Metrics:
    """Compute the metrics of a whole artifact. Raises FloatingPointError or ConfigError."""
    options, params = job.simulation, job.sncgl_params
    rng = seeds.generator("nulls", job.global_seed)
    fidelity = fidelity_of(artifact.snapshot_rho, options, N_NULLS, rng)
    psi, u = artifact.psi.astype(np.complex128), artifact.u.astype(np.float64)
    constraint = constraint_norms(psi, u, options.box_length, params.kappa)
    classical = classical_norms(psi, final_rate(artifact), u, options.box_length, params.kappa)
    tail = tail_ratio(psi, options.dealias)
    own = {
        name: import_module(f"irer.validation.added.{name}").measure(artifact)
        for name in added("validation")
    }
    return check(
        Metrics,
        own
        | {
            "log_prime_sse": fidelity.sse,
            "sdg_h_norm_l2": constraint.l2,
            "sdg_h_norm_relative": constraint.relative,
            "sdg_h_norm_max": constraint.max,
            "sdg_h_norm_l2_fd": constraint.l2_finite_difference,
            "n_targets_resolved": fidelity.n_targets_resolved,
            "n_candidates": fidelity.n_candidates,
            "p_position": fidelity.p_position,
            "p_lines": fidelity.p_lines,
            "log_prime_sse_scaled": fidelity.sse_scaled,
            "log_prime_scale": fidelity.scale,
            "p_scaled": fidelity.p_scaled,
            "log_prime_sse_multi_ray": fidelity.sse_multi_ray,
            "bssn_h_norm_l2": classical.hamiltonian,
            "bssn_momentum_l2": classical.momentum,
            "tail_ratio": tail,
            "under_resolved": tail > UNDER_RESOLVED,
            "degenerate": fidelity.degenerate,
        },
        what="the metrics",
    )


def failed(reason: FailureReason, message: str) -> dict[str, Any]:
    """Return the outcome of a job that has no metrics."""
    error = RunError(reason=reason, message=message)
    return {"state": RunState.FAILED, "metrics": None, "error": error}


def summary(provenance: Provenance) -> str:
    """Return what became of the job, in one line."""
    head = f"{provenance.job_uuid} {provenance.state}"
    if provenance.metrics is None:
        error = provenance.error
        return f"{head} {error.reason}: {error.message}" if error else head
    metrics = provenance.metrics
    return (
        f"{head} {settings.SSE_METRIC_KEY}={metrics.log_prime_sse:.6f}"
        f" {settings.STABILITY_METRIC_KEY}={metrics.sdg_h_norm_l2:.6f}"
    )


def _parser() -> Parser:
    parser = Parser("validation_pipeline.py", "Judge the artifact of one job.")
    parser.add_argument(
        "--job_uuid", type=uuid_argument, required=True, help="the job, as the engine named it"
    )
    parser.add_argument(
        "--artifact_sha256",
        type=_digest,
        metavar="HEX",
        help="digest of the artifact, kept in the record",
    )
    return parser


def _digest(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(f"must be 64 hex digits, got {text!r:.80}")
    return text


def main(argv: list[str] | None = None) -> int:
    """Validate one job; return the exit code."""
    end_with_parent()
    arguments = _parser().parse_args(argv)
    try:
        provenance = validate_job(arguments.job_uuid, arguments.artifact_sha256, settings.load())
    except IrerError as error:
        report_storage_error(arguments.job_uuid, error)
        print(f"validation_pipeline.py: {error.message}", file=sys.stderr)
        return error.exit_code
    print(summary(provenance))
    return 0


if __name__ == "__main__":
    sys.exit(main())
