"""The last fields of running jobs, for whoever watches a hunt; files that live as long as the jobs.

A viewer asks by touching one file of the home; each worker looks at its time when it ends a frame,
and writes a small picture of its density if somebody has asked since. Nobody listens on a port,
nobody compares the clocks of two machines, and a job that nobody watches only looks at a file.
"""

import base64
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from irer.base.checking import Record
from irer.base.clock import Instant, now
from irer.base.errors import IrerError, StorageError
from irer.base.files import remove_file, write_text
from irer.base.record_files import read_record
from irer.base.records import JobConfig
from irer.home.paths import Home

_log = logging.getLogger("irer.live")

MOST_POINTS = 128  # of a picture along an axis
MOST_FIELDS = 16  # of a batch, and shown at once
_RESTS = 200  # after a picture, in durations of making it: it costs a job at most 0.5%


class LiveField(Record):
    """The density of a running job at its last frame; of one in space the plane z = L/2."""

    job_uuid: str
    generation: int
    index: int
    t: float = Field(description="time of the frame, simulation units")
    end_time: float = Field(description="where the run is to end")
    at: Instant = Field(description="when it was written")
    shape: tuple[int, int] = Field(strict=False, description="rows (y) and columns (x)")
    low: float = Field(description="the density that 0 stands for")
    high: float = Field(description="the density that 255 stands for")
    density: str = Field(description="a byte a point, row by row, in base64")


def ask(home: Home) -> None:
    """Ask the workers of the home's jobs for their fields. Raises StorageError."""
    try:
        home.live_dir.mkdir(parents=True, exist_ok=True)
        home.live_request.touch()
    except OSError as error:
        raise StorageError(
            f"cannot write {home.live_request}: {error.strerror or error}"
        ) from error


def live_fields(home: Home) -> list[LiveField]:
    """Return the fields of running jobs, some of many, by place in the hunt.

    Left out are those that a killed process left of a job that has its record.
    """
    found = []
    for file in sorted(home.live_field_files())[:MOST_FIELDS]:
        with suppress(IrerError):  # its job ends at this moment
            found.append(read_record(LiveField, file, "the field"))
    return sorted(found, key=lambda field: (field.generation, field.index))


def remove_live(home: Home) -> None:
    """Remove what killed workers left, and the request; no job may run."""
    shutil.rmtree(home.live_dir, ignore_errors=True)


class LiveFields:
    """The worker's side: `with LiveFields(home, jobs) as watch`, called at each frame.

    What goes wrong here is logged once and ends the watching, never the jobs.
    """

    def __init__(self, home: Home, jobs: Sequence[JobConfig]) -> None:
        self._home, self._jobs = home, jobs
        self._request = str(home.live_request)  # looked at in every frame
        self._answered = self._asked()
        self._rest_until = 0.0
        self._first = True  # it may compile what the end of the run needs as well
        self._written: set[Path] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._written:
            with suppress(StorageError):
                remove_file(file)

    def __call__(
        self, step: int, numbers: Sequence[int], densities: Callable[[], list[NDArray[Any]]]
    ) -> None:
        """Write the fields of the jobs `numbers` at the nominal step, if they were asked for."""
        asked = self._asked()
        if asked in (None, self._answered) or time.perf_counter() < self._rest_until:
            return
        self._answered = asked
        began = time.perf_counter()
        try:
            some = list(zip(numbers, densities(), strict=True))[:MOST_FIELDS]
            for number, density in some:
                self._write(self._jobs[number], step, density)
        except Exception as error:  # a picture is no reason to lose a run
            _log.warning("no live fields: %s", error)
            self._rest_until = float("inf")
            return
        if not self._first:
            ended = time.perf_counter()
            self._rest_until = ended + _RESTS * (ended - began)
        self._first = False

    def _asked(self) -> int | None:
        """Return when somebody asked last, on the file system's clock; None: nobody yet."""
        try:
            return os.stat(self._request).st_mtime_ns  # noqa: PTH116, a tenth of a Path's time
        except OSError:
            return None

    def _write(self, job: JobConfig, step: int, density: NDArray[Any]) -> None:
        file = self._home.live_field_file(job.job_uuid)
        self._written.add(file)
        field = picture_of(job, step, density)
        write_text(file, field.model_dump_json(), durable=False)


def picture_of(job: JobConfig, step: int, density: NDArray[Any]) -> LiveField:
    """Return a density of shape (N,)*d as a small picture."""
    plane = density if density.ndim == 2 else density[..., density.shape[-1] // 2]
    every = -(-plane.shape[0] // MOST_POINTS)
    points = plane.T[::every, ::every]  # x along a row
    low, high = float(points.min()), float(points.max())
    scaled = (points - low) * (255 / (high - low) if high > low else 0.0)
    return LiveField(
        job_uuid=job.job_uuid,
        generation=job.generation,
        index=job.index,
        t=step * job.simulation.dt,
        end_time=job.simulation.T_steps * job.simulation.dt,
        at=now(),
        shape=points.shape,
        low=low,
        high=high,
        density=base64.b64encode(np.rint(scaled).astype(np.uint8).tobytes()).decode(),
    )
