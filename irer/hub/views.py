"""Views of a run's artifact: spectrum, fields and diagnostics, as bytes to be served.

Each is computed when it is asked for, and kept while there is room. h5py and Matplotlib are
imported with the first of them.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from irer.base.errors import ArtifactError, BusyError, ConfigError, NotFoundError
from irer.base.files import finite_or_null
from irer.base.records import Provenance
from irer.reports.pictures import FieldName, Theme, field_png, field_values, middle_plane
from irer.validation import fidelity_of, primes_of, targets_of

if TYPE_CHECKING:
    from irer.home.artifacts import Artifact

MOST_FRAMES = 2000
MOST_AT_ONCE = 12  # views that requests wait for; the other threads serve other requests
_ROOM_BYTES = 32 * 2**20


class ViewCache:
    """Makes one view at a time and keeps the newest; few requests may wait for it."""

    def __init__(self, room: int = _ROOM_BYTES) -> None:
        self._room = room
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()  # guards _kept
        self._making = threading.Lock()  # in 3-D a view takes a core and hundreds of megabytes
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return what `make` returns, kept by `key`. Raises BusyError, and what `make` raises."""
        if (kept := self._find(key)) is not None:
            return kept
        if not self._places.acquire(blocking=False):
            raise BusyError("too many spectra and pictures are asked for at once; try again")
        try:
            with self._making:
                kept = self._find(key)  # made while this request waited
                return kept if kept is not None else self._keep(key, make())
        finally:
            self._places.release()

    def _find(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: str, value: bytes) -> bytes:
        with self._lock:
            self._kept[key] = value
            while sum(map(len, self._kept.values())) > self._room:
                self._kept.popitem(last=False)
        return value


def read(path: Path, record: Provenance) -> "Artifact":
    """Read a run's artifact. Raises ArtifactError, also when it differs from the record's."""
    from irer.home.artifacts import read_recorded

    return read_recorded(path, record)


def spectrum(artifact: "Artifact") -> dict[str, Any]:
    """Return the shape of `RunSpectrum`. Raises ArtifactError where there is none to measure."""
    job, options = artifact.job, artifact.job.simulation
    comb = targets_of(job.comb)
    if not artifact.snapshot_t.size:
        raise ArtifactError(f"the run {job.job_uuid} ended before its first snapshot")
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            found = fidelity_of(artifact.snapshot_rho, options, comb=comb)
    except (FloatingPointError, ConfigError) as error:
        raise ArtifactError(f"the run {job.job_uuid} has no finite spectrum: {error}") from error
    shells, peaks = found.spectrum, found.peaks
    columns = ("k", "power", "background", "noise", "excess")
    return {
        "job_uuid": job.job_uuid,
        "box_length": options.box_length,
        "snapshot_t": _numbers(artifact.snapshot_t),
        "log_prime_sse": found.sse,
        "degenerate": found.degenerate,
        "noise_floor": shells.floor if shells else None,
        **{name: _numbers(getattr(shells, name)) if shells else [] for name in columns},
        "candidates": [
            {"k": k, "excess": excess, "confidence": confidence}
            for k, excess, confidence in zip(
                *(_numbers(values) for values in (peaks.k, peaks.excess, peaks.confidence)),
                strict=True,
            )
        ]
        if peaks
        else [],
        "matches": [asdict(match) for match in found.matches],
        "targets": [
            {"prime": prime, "k": float(k), "resolved": bool(told)}
            for prime, k, told in zip(primes_of(comb), comb, found.resolved, strict=True)
        ],
    }


def diagnostics(artifact: "Artifact") -> dict[str, Any]:
    """Return the shape of `RunDiagnostics`: at most 2,000 frames, the last always among them."""
    series = dict(artifact.diagnostics)
    frames = len(series["t"])
    step = -(-frames // MOST_FRAMES) or 1
    kept = np.arange(frames - 1, -1, -step)[::-1]
    shown = {name: _numbers(values[kept]) for name, values in series.items()}
    return {
        "job_uuid": artifact.job.job_uuid,
        "t": shown.pop("t"),
        "series": shown,
        "frames": frames,
        "last_good_time": artifact.last_good_time,
        "end_time": artifact.job.simulation.T_steps * artifact.job.simulation.dt,
    }


def picture(artifact: "Artifact", field: FieldName, theme: Theme) -> bytes:
    """Return a PNG of a field of the run, at the last time at which it was finite."""
    options = artifact.job.simulation
    kappa = artifact.job.sncgl_params.kappa
    with np.errstate(all="ignore"):  # the numbers of a diverging run may overflow
        values = field_values(field, artifact.psi, artifact.u, options.box_length, kappa)
    if not np.isfinite(values).all():
        raise ArtifactError(f"{field} of the run {artifact.job.job_uuid} is not finite")
    return field_png(field, values, options.box_length, theme=theme)


def snapshot_picture(artifact: "Artifact", number: int, theme: Theme) -> bytes:
    """Return a PNG of the density of snapshot `number`, from 1; all have one colour bar.

    Raises NotFoundError for a snapshot that is not there.
    """
    count = len(artifact.snapshot_t)
    if not 1 <= number <= count:
        message = f"the run {artifact.job.job_uuid} has {count} snapshots, not one {number}"
        raise NotFoundError(message)
    planes = [middle_plane(rho) for rho in artifact.snapshot_rho]
    if not all(np.isfinite(plane).all() for plane in planes):
        raise ArtifactError(f"a snapshot of the run {artifact.job.job_uuid} is not finite")
    low, high = (float(f(planes)) for f in (np.min, np.max))
    ends = (low, high) if low < high else None
    box_length = artifact.job.simulation.box_length
    return field_png(
        "density", artifact.snapshot_rho[number - 1], box_length, theme=theme, ends=ends
    )


def _numbers(values: NDArray[Any]) -> list[float | None]:
    return list(finite_or_null(values.astype(np.float64).tolist()))
