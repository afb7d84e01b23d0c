"""The line null as a simulator: spectra of the hunt's own runs, redrawn without their lines.

No PDE and no field: a job's answer is one of the hunt's runs, drawn at random, with a score of
its background under fresh noise. Everything else of the metrics stays as that run had it.
"""

from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

import numpy as np

from irer import seeds
from irer.artifacts import read_recorded
from irer.clock import now
from irer.errors import ArtifactError, ConflictError
from irer.execution.jobs import JobState
from irer.execution.runner import OnState, ignore_state
from irer.files import write_json
from irer.provenance import read_provenance
from irer.records import JobConfig, Metrics, Provenance
from irer.validation.log_prime import log_prime_fidelity
from irer.validation.nulls import draw_line_null
from irer.validation.spectrum import Spectrum
from settings import Settings

MAX_BACKGROUNDS = 1000  # more tell nothing new and cost minutes to read


@dataclass(frozen=True)
class Background:
    """One run of the hunt, with its spectrum; None for one that failed or had no contrast."""

    record: Provenance
    spectrum: Spectrum | None


def backgrounds_of(
    records: Sequence[Provenance], settings: Settings, seed: int
) -> list[Background]:
    """Return what the null draws from: the runs of a hunt whose fields are still there.

    FAILED ones are among them, so that a null hunt loses as many trials as the hunt did. Of more
    than 1,000 as many are drawn. Raises ConflictError when no run has its fields any more.
    """
    usable = [
        record
        for record in sorted(records, key=lambda record: (record.generation, record.index))
        if record.metrics is None or settings.artifact_file(record.job_uuid).exists()
    ]
    if not any(record.metrics for record in usable):
        raise ConflictError(
            "no complete run of the hunt has its artifact any more, so there are no backgrounds "
            "for line-null hunts (see IRER_KEEP_ARTIFACTS)"
        )
    if len(usable) > MAX_BACKGROUNDS:
        rng = seeds.generator("null_hunts", seed)
        chosen = rng.choice(len(usable), MAX_BACKGROUNDS, replace=False)
        usable = [usable[i] for i in sorted(chosen)]
    return [Background(record, _spectrum(record, settings)) for record in usable]


def _spectrum(record: Provenance, settings: Settings) -> Spectrum | None:
    if record.metrics is None:
        return None
    options = record.simulation
    try:
        artifact = read_recorded(settings.artifact_file(record.job_uuid), record)
    except ArtifactError as error:
        raise ConflictError(f"a background of the line null cannot be read: {error}") from error
    return log_prime_fidelity(
        artifact.snapshot_rho,
        options.box_length,
        0,
        dealias=options.dealias,
        dimensions=options.dimensions,
    ).spectrum


class LineNullRunner:
    """Answers each job at once, in this process; a `Runner`."""

    capacity = 1

    def __init__(self, settings: Settings, backgrounds: Sequence[Background]) -> None:
        self._settings = settings
        self._backgrounds = backgrounds
        self._cancelled = False

    def submit(self, job: JobConfig, on_state: OnState = ignore_state) -> "Future[Provenance]":
        """Answer a job; see `Runner.submit`."""
        if self._cancelled:
            raise RuntimeError("the runner was cancelled")
        future: Future[Provenance] = Future()
        try:
            future.set_result(self._record(job, on_state))
        except Exception as error:
            future.set_exception(error)
        return future

    def cancel(self) -> None:
        """Accept no more jobs; none is running."""
        self._cancelled = True

    def close(self) -> None:
        """Hold nothing."""

    def _record(self, job: JobConfig, on_state: OnState) -> Provenance:
        if self._cancelled:
            raise CancelledError
        path = self._settings.provenance_file(job.job_uuid)
        if path.exists():
            return read_provenance(path)
        on_state(job.job_uuid, JobState.RUNNING)
        began = now()
        record = answer(job, self._backgrounds)
        record = record.model_copy(update={"started_at": began, "ended_at": now()})
        on_state(job.job_uuid, JobState.SIMULATED)
        write_json(path, record.model_dump(mode="json"))
        return record


def answer(job: JobConfig, backgrounds: Sequence[Background]) -> Provenance:
    """Return the record of a job: a pure function of its seed and the backgrounds."""
    rng = seeds.generator("null_hunts", job.global_seed)
    source = backgrounds[int(rng.integers(len(backgrounds)))]
    metrics = source.record.metrics
    if metrics is not None and source.spectrum is not None:
        metrics = _without_lines(metrics, source.spectrum, rng)
    return Provenance.of_job(
        job, state=source.record.state, metrics=metrics, error=source.record.error
    )


def _without_lines(metrics: Metrics, spectrum: Spectrum, rng: np.random.Generator) -> Metrics:
    """Return `metrics` with the score of the spectrum's background under fresh noise."""
    null = draw_line_null(spectrum.k, spectrum.background, spectrum.noise, 1, rng)
    unknown = ("p_position", "p_lines", "p_scaled", "log_prime_scale")
    return metrics.model_copy(
        update={
            "log_prime_sse": float(null.sse[0]),
            "n_candidates": int(np.count_nonzero(null.peaks_confidence)),
            **dict.fromkeys(unknown),
        }
    )
