"""What watching a job costs it: processor seconds of a default job watched, over one not watched.

The same job in turn, in one warm process on one core. Watched means that somebody asks as often as
the open panel of the page does. Beside the ratio, which other work on the machine blurs: the share
of the job's processor seconds that the watching itself took, in a watched job (the pictures) and in
one that nobody watches (looking at a file at each frame).
usage: python benchmarks/live_view.py [--rounds N] [--set T_steps=600 ...]
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import pin_to_one_core, report

pin_to_one_core()

import settings as settings_module
import worker_sncgl_sdg
from irer.base.files import json_or_text
from irer.base.records import JobConfig, SimulationOptions, SncglParams
from irer.home.live import LiveFields, ask
from settings import Settings

EVERY_S = 1.5  # as static/js/parts/live.js


class Measured(LiveFields):
    """The watching, with its own processor seconds and how often it made a picture."""

    seconds = 0.0
    pictures = 0

    def __call__(self, step: int, numbers: Sequence[int], densities: Any) -> None:
        began = time.thread_time()
        super().__call__(step, numbers, densities)
        Measured.seconds += time.thread_time() - began

    def _write(self, *given: Any) -> None:
        super()._write(*given)
        Measured.pictures += 1


class Viewer(threading.Thread):
    """Asks for fields until it is told to stop."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self._home, self._over = settings.home, threading.Event()

    def run(self) -> None:
        ask(self._home)
        while not self._over.wait(EVERY_S):
            ask(self._home)

    def stop(self) -> None:
        self._over.set()
        self.join()


def job_of(options: SimulationOptions) -> JobConfig:
    return JobConfig(
        job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
        global_seed=1, model="sncgl_sdg", simulation=options, sncgl_params=SncglParams(),
    )  # fmt: skip


def run(settings: Settings, options: SimulationOptions, *, watched: bool) -> tuple[float, ...]:
    """Return the processor seconds of a job and of its watching, and the pictures made."""
    Measured.seconds, Measured.pictures = 0.0, 0
    viewer = Viewer(settings) if watched else None
    if viewer:
        viewer.start()
    began = time.process_time()
    worker_sncgl_sdg.run(job_of(options), settings)
    took = time.process_time() - began
    if viewer:
        viewer.stop()
    return took, Measured.seconds, Measured.pictures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE")
    given = parser.parse_args()
    options = SimulationOptions(
        **{
            name: json_or_text(value)
            for name, _, value in (each.partition("=") for each in given.set)
        }
    )
    worker_sncgl_sdg.LiveFields = Measured  # type: ignore[misc]
    found: dict[bool, list[tuple[float, ...]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_module.load(home=Path(folder))
        run(settings, options, watched=True)
        for number in range(given.rounds):
            for watched in (True, False) if number % 2 else (False, True):
                found[watched].append(run(settings, options, watched=watched))
    seconds = {w: statistics.median(each[0] for each in runs) for w, runs in found.items()}
    shares = {w: statistics.median(e[1] / e[0] for e in runs) for w, runs in found.items()}
    report(
        "a default job, watched over not watched" if not given.set else "a job, watched over not",
        ratio=seconds[True] / seconds[False],
        share_of_watching=shares[True],
        share_unwatched=shares[False],
        pictures_a_job=statistics.median(each[2] for each in found[True]),
        job_s=seconds[False],
        rounds=given.rounds,
    )


if __name__ == "__main__":
    main()
