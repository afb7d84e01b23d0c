"""The spectra of a hunt's runs that have a score, measured anew from their artifacts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from irer.base.errors import ArtifactError, ConfigError
from irer.base.hunt_records import HuntPlan
from irer.controls.counted import counted_rows, refuse_without_fields
from irer.home import Home
from irer.home.artifacts import read_recorded
from irer.home.ledger import LedgerRow
from irer.home.provenance import read_provenance
from irer.validation import fidelity_of, targets_of
from irer.validation.combs import Array
from irer.validation.matching import Peaks, comb_scores
from irer.validation.spectrum import Spectrum


@dataclass(frozen=True)
class ScoredRun:
    """One run: its point in the search space, its spectrum and candidates."""

    job_uuid: str
    place: Array  # (d,), each searched parameter from 0 to 1 between its bounds
    sse: float
    spectrum: Spectrum
    peaks: Peaks


@dataclass(frozen=True)
class HuntSpectra:
    """The runs of a hunt that have a score."""

    runs: list[ScoredRun]
    observed_best: float  # the smallest log_prime_sse of all scored runs, with fields or without
    n_without_artifact: int

    def places(self) -> Array:
        """Return the runs' points in the search space, (R, d)."""
        return np.stack([run.place for run in self.runs])

    def scores(self, combs: Array) -> Array:
        """Return the SSE of every run for each of n combs, (R, n)."""
        return np.stack([comb_scores(run.peaks, combs, run.spectrum) for run in self.runs])


def read_spectra(home: Home, plan: HuntPlan, each: Callable[[], object]) -> HuntSpectra:
    """Read each artifact once; `each` is called after every run.

    Raises ConflictError if no run has a score or none of those that do has its fields,
    ArtifactError for a broken artifact.
    """
    rows = counted_rows(home, plan)
    refuse_without_fields(home, plan, [row.job_uuid for row in rows])
    runs = []
    for row in rows:
        if home.artifact_file(row.job_uuid).exists():
            runs.append(_scored(home, plan, row))
        each()
    best = min(row.objectives[0] for row in rows if row.objectives)
    return HuntSpectra(runs, best, len(rows) - len(runs))


def _scored(home: Home, plan: HuntPlan, row: LedgerRow) -> ScoredRun:
    record = read_provenance(home.provenance_file(row.job_uuid))
    artifact = read_recorded(home.artifact_file(row.job_uuid), record)
    comb = targets_of(plan.comb)
    try:
        found = fidelity_of(artifact.snapshot_rho, artifact.job.simulation, comb=comb)
    except ConfigError as error:
        raise ArtifactError(f"the run {row.job_uuid} has no spectrum: {error}") from error
    if found.spectrum is None or found.peaks is None:
        raise ArtifactError(f"the run {row.job_uuid} has no spectrum: {found.degenerate}")
    return ScoredRun(row.job_uuid, unit_place(plan, row), found.sse, found.spectrum, found.peaks)


def unit_place(plan: HuntPlan, row: LedgerRow) -> Array:
    """Return each searched parameter from 0 to 1 between its bounds, (d,)."""
    return np.array(
        [
            (getattr(row.params, name) - low) / (high - low) if high > low else 0.5
            for name, (low, high) in plan.search_space.items()
        ]
    )
