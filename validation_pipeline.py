"""Judge one simulation: read its artifact, compute its metrics, write its provenance.

With --field it judges a field of any other program instead and writes nothing.

The provenance commits the job. It says COMPLETE with metrics, or FAILED with the reason; a torn or
foreign artifact can only fail. NumPy and SciPy in float64.
"""

from irer.base.machine import use_one_thread

use_one_thread()  # before anything imports a numerical library

import argparse
import re
import sys
import time
from typing import Any

import numpy as np
import scipy

import settings as settings_module
from irer.base import seeds
from irer.base.checking import check
from irer.base.clock import now
from irer.base.commandline import (
    Parser,
    existing_folder,
    named_uuid_argument,
    report_storage_error,
    run_program,
    say,
)
from irer.base.errors import ArtifactError, ConfigError, ExtensionError, IrerError
from irer.base.files import write_json
from irer.base.goals import MEASURE_VERSION
from irer.base.records import (
    FailureReason,
    JobConfig,
    Judgement,
    Metrics,
    Outcome,
    Provenance,
    RunError,
    RunState,
    Seconds,
    SimulationOptions,
)
from irer.home.artifacts import Artifact, read_artifact
from irer.home.finding import find_job
from irer.home.provenance import refuse_committed
from irer.home.registry import read_job
from irer.interchange.options import FILE, add_options, refuse_stray
from irer.runners.processes import end_with_parent
from irer.validation import (
    UNDER_RESOLVED,
    Fidelity,
    classical_norms,
    constraint_norms,
    fidelity_of,
    final_rate,
    settled,
    tail_ratio,
    targets_of,
)
from irer.validation.derivatives import remembered, spectral_derivatives
from irer.validation.extra_metrics import extra_metrics, loaded_metrics
from irer.validation.settling import SSE_BOUND
from settings import Settings

N_NULLS = 1000  # of each kind


def validate_job(job_uuid: str, artifact_sha256: str | None, settings: Settings) -> Provenance:
    """Judge the artifact of `job_uuid`, write and return its provenance.

    Raises ConflictError if the job is committed already, ConfigError if its registration is
    missing or invalid, StorageError if the provenance cannot be written, ExtensionError if a metric
    cannot be loaded. Whatever is wrong with the artifact makes a FAILED provenance.
    """
    started, began = time.perf_counter(), now()
    refuse_committed(settings.home.provenance_file(job_uuid))
    job = read_job(settings.home.config_file(job_uuid), job_uuid)
    artifact: Artifact | None = None
    try:
        artifact = read_artifact(settings.home.artifact_file(job_uuid), job_uuid)
        judgement = judge(job, artifact)
    except ArtifactError as error:
        judgement = failed(FailureReason.BAD_ARTIFACT, error.message)
    provenance = Provenance.of_job(
        job,
        **judgement._asdict(),
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
        started_at=(artifact.started_at if artifact else None) or began,
        ended_at=now(),
    )
    write_json(settings.home.provenance_file(job_uuid), provenance.model_dump(mode="json"))
    return provenance


def judge(job: JobConfig, artifact: Artifact) -> Judgement:
    """Return the metrics of a job, or why it has none.

    Raises ArtifactError, ExtensionError for a metric that cannot be loaded.
    """
    own = loaded_metrics()
    if artifact.job != job:
        raise ArtifactError("the artifact was made from another configuration than the registered")
    if artifact.outcome is not Outcome.OK:
        reason = FailureReason[artifact.outcome.name]
        return failed(reason, f"last good time {artifact.last_good_time:g}")
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            metrics = measure(job, artifact)
            extra = extra_metrics(own, artifact)
    except ExtensionError as error:
        return failed(FailureReason.BAD_METRICS, error.message)
    except (FloatingPointError, ConfigError) as error:
        return failed(FailureReason.BAD_METRICS, f"a metric left the finite numbers: {error}")
    return Judgement(RunState.COMPLETE, metrics, None, extra)


def measure(job: JobConfig, artifact: Artifact) -> Metrics:
    """Compute the metrics of a whole artifact. Raises FloatingPointError or ConfigError."""
    rng = seeds.generator("nulls", job.global_seed)
    comb = targets_of(job.comb)
    fidelity = fidelity_of(artifact.snapshot_rho, job.simulation, N_NULLS, rng, comb)
    transient = settled(artifact.diagnostics) or _drift_of_the_score(job, artifact, comb)
    found = _scores(fidelity, job.simulation) | _constraints(job, artifact)
    found |= {
        "measure_version": MEASURE_VERSION,
        "settled": transient is None,
        "transient": transient,
    }
    return check(Metrics, found, what="the metrics")


def _scores(fidelity: Fidelity, options: SimulationOptions) -> dict[str, Any]:
    """Return the metrics of the density's spectrum."""
    return {
        "log_prime_sse": fidelity.sse,
        "n_targets_resolved": fidelity.n_targets_resolved,
        "n_candidates": fidelity.n_candidates,
        "p_position": fidelity.p_position,
        "p_lines": fidelity.p_lines,
        "log_prime_sse_scaled": fidelity.sse_scaled,
        "log_prime_scale": fidelity.scale,
        "p_scaled": fidelity.p_scaled,
        "log_prime_sse_multi_ray": fidelity.sse_multi_ray,
        "degenerate": fidelity.degenerate,
        "matched_filter": fidelity.matched_filter,
        "p_matched": fidelity.p_matched,
        "noise_floor": _floor_of_a_mode(fidelity, options),
        "floor_limited": fidelity.n_floor_limited > 0,
        "n_floor_limited": fidelity.n_floor_limited,
        "floor_k": fidelity.floor_k,
    }


def _constraints(job: JobConfig, artifact: Artifact) -> dict[str, Any]:
    """Return the metrics of the last fields."""
    length, kappa = job.simulation.box_length, job.sncgl_params.kappa
    psi, u = artifact.psi.astype(np.complex128), artifact.u.astype(np.float64)
    derivatives = remembered(spectral_derivatives)
    constraint = constraint_norms(psi, u, length, kappa, derivatives)
    rate = final_rate(artifact, psi, u, derivatives)
    classical = classical_norms(psi, rate, u, length, kappa, derivatives)
    tail = tail_ratio(psi, job.simulation.dealias)
    return {
        "sdg_h_norm_l2": constraint.l2,
        "sdg_h_norm_relative": constraint.relative,
        "sdg_h_norm_max": constraint.max,
        "sdg_h_norm_l2_fd": constraint.l2_finite_difference,
        "bssn_h_norm_l2": classical.hamiltonian,
        "bssn_momentum_l2": classical.momentum,
        "tail_ratio": tail,
        "under_resolved": tail > UNDER_RESOLVED,
    }


def _drift_of_the_score(job: JobConfig, artifact: Artifact, comb: Any) -> str | None:
    """Return how the score drifts between the halves of the snapshots, None if little enough."""
    halves = np.array_split(artifact.snapshot_rho, 2)
    if not len(halves[1]):
        return None
    early, late = (fidelity_of(half, job.simulation, comb=comb).sse for half in halves)
    if abs(late - early) <= SSE_BOUND:
        return None
    return f"its log_prime_sse changes by {late - early:+.3f} between the halves of its snapshots"


def _floor_of_a_mode(fidelity: Fidelity, options: SimulationOptions) -> float | None:
    """Return the noise floor as |delta^|^2 / N^d, the variance of white noise of that power."""
    if fidelity.spectrum is None:
        return None
    return fidelity.spectrum.floor / float(options.N_grid) ** options.dimensions


def failed(reason: FailureReason, message: str) -> Judgement:
    """Return the outcome of a job that has no metrics."""
    return Judgement(RunState.FAILED, None, RunError(reason=reason, message=message))


def summary(provenance: Provenance) -> str:
    """Return the outcome of the job in one line."""
    head = f"{provenance.job_uuid} {provenance.state}"
    if provenance.metrics is None:
        error = provenance.error
        return f"{head} {error.reason}: {error.message}" if error else head
    metrics = provenance.metrics
    return (
        f"{head} {settings_module.SSE_METRIC_KEY}={metrics.log_prime_sse:.6f}"
        f" {settings_module.STABILITY_METRIC_KEY}={metrics.sdg_h_norm_l2:.6f}"
    )


def rescore_home(settings: Settings) -> str:
    """Measure a home's runs again by the present measure; return a summary of the outcomes."""
    from irer.controls.rescoring import rescore
    from irer.hunt.progress import CountBar

    progress = CountBar("rescoring")
    try:
        return rescore(settings.home, judge, progress).words()
    finally:
        progress.close()


def _parser() -> Parser:
    about = "Judge the artifact of one job, of a home again, or a field of any other program."
    parser = Parser("validation_pipeline.py", about)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--job_uuid", type=named_uuid_argument, help="the job, as the engine named it"
    )
    what.add_argument(
        "--rescore",
        action="store_true",
        help="measure every run of the home again by today's measure; old numbers are kept",
    )
    what.add_argument(
        "--field",
        metavar="FILE",
        help=f"score {FILE}",
    )
    parser.add_argument(
        "--home",
        type=existing_folder,
        help="folder of all data (default IRER_HOME, else ./irer_home)",
    )
    parser.add_argument(
        "--artifact_sha256",
        type=_digest,
        metavar="HEX",
        help="digest of the artifact, kept in the record",
    )
    add_options(parser, "with --field")
    return parser


def _digest(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(f"must be 64 hex digits, got {text!r:.80}")
    return text


def main(argv: list[str] | None = None) -> int:
    """Validate one job; return the exit code."""
    end_with_parent()
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.field is None:
        refuse_stray(arguments, parser)
    try:
        if arguments.field is not None:
            from irer.interchange.command import score_command

            score_command(arguments)
            return 0
        settings = settings_module.load(home=arguments.home)
        if arguments.rescore:
            print(rescore_home(settings))
            return 0
        job_uuid = find_job(settings.home, arguments.job_uuid, "--job_uuid")
        provenance = validate_job(job_uuid, arguments.artifact_sha256, settings)
    except IrerError as error:
        if arguments.job_uuid:
            report_storage_error(arguments.job_uuid, error)
        print(f"validation_pipeline.py: {error.message}", file=sys.stderr)
        return error.exit_code
    say(summary(provenance))
    return 0


if __name__ == "__main__":
    run_program(main)
