"""Which simulation artifacts are kept: all, those of the best N runs, or what fits a disk budget.

The Pareto front, the best run and confirmed runs keep theirs under every policy. A removal is
recorded in `artifacts_removed.csv` before the file is removed; one that a kill interrupts is
finished at the next start. So every removed artifact has exactly one row.
"""

import csv
import io
import logging
import os
from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from irer.base.errors import ContractError, StorageError
from irer.base.files import write_text
from irer.base.records import canonical_uuid
from irer.home.paths import Home

_log = logging.getLogger("irer.engine.artifacts")

COLUMNS = ("job_uuid", "generation", "reason", "bytes")
_GIGABYTE = 10**9


@dataclass(frozen=True, slots=True)
class CommittedRun:
    """What the policy needs to know of a committed run; `fitness` of a FAILED one is None."""

    job_uuid: str
    generation: int
    index: int
    fitness: float | None


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """An artifact that exists; artifacts sort from the first to be removed to the last."""

    rank: tuple[float, int, int]  # fitness (FAILED: -1); of equals the last proposed goes first
    job_uuid: str
    generation: int
    size: int  # bytes

    @classmethod
    def of_run(cls, run: CommittedRun, size: int) -> "Kept":
        """Return the artifact of `run`, which has `size` bytes."""
        fitness = -1.0 if run.fitness is None else run.fitness
        return cls((fitness, -run.generation, -run.index), run.job_uuid, run.generation, size)


@dataclass(frozen=True, slots=True)
class Removal:
    """One row of `artifacts_removed.csv`."""

    job_uuid: str
    generation: int
    reason: str
    size: int  # bytes


@dataclass(frozen=True)
class Policy:
    """A parsed `keep_artifacts`: at most one of the two limits is set."""

    best: int | None = None  # runs
    budget: int | None = None  # bytes

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Read `all`, `best:N` or `disk:GB` as `Settings.keep_artifacts` has it."""
        name, _, number = text.partition(":")
        if name == "best":
            return cls(best=int(number))
        return cls(budget=int(float(number) * _GIGABYTE)) if name == "disk" else cls()

    @property
    def keeps_all(self) -> bool:
        """True when nothing is ever removed."""
        return self.best is None and self.budget is None

    def decide(
        self, first_to_go: Sequence[Kept], total: int, never: Collection[str]
    ) -> list[Removal]:
        """Return the removals among `first_to_go`, sorted artifacts of `total` bytes together.

        Artifacts of the runs in `never` stay, even where the disk budget is then exceeded.
        """
        if self.best is not None:
            surplus = first_to_go[: max(0, len(first_to_go) - self.best)]
            reason = f"not among the best {self.best}"
            return [_removal(kept, reason) for kept in surplus if kept.job_uuid not in never]
        if self.budget is None:
            return []
        removals = []
        for kept in first_to_go:
            if total <= self.budget:
                break
            if kept.job_uuid not in never:
                total -= kept.size
                reason = f"disk budget of {self.budget / _GIGABYTE:g} GB"
                removals.append(_removal(kept, reason))
        return removals


def _removal(kept: Kept, reason: str) -> Removal:
    return Removal(kept.job_uuid, kept.generation, reason, kept.size)


class ArtifactKeeper:
    """Applies a policy, as `Settings.keep_artifacts` has it, to a home's artifacts.

    `add` tells it of every committed run once. It never reads the folder, so files of no such run
    are neither counted nor removed. Under `all` it does nothing and remembers nothing.
    """

    def __init__(self, home: Home, keep: str, runs: Callable[[], Iterable[CommittedRun]]) -> None:
        """Finish removals that a kill interrupted, then take in the home's earlier `runs`.

        Raises StorageError when a file cannot be removed, ContractError for a broken record.
        """
        self._home = home
        self._policy = Policy.parse(keep)
        self._first_to_go: list[Kept] = []
        self._total = 0  # bytes
        self._recorded: list[Removal] = []  # in the file, not carried out yet
        if not self._policy.keeps_all:
            _cut_torn_end(home.removed_file)
            self._recorded = [r for r in removals(home) if self._path(r.job_uuid).exists()]
            self._carry_out()
            self.add(runs())

    @property
    def total(self) -> int:
        """Bytes of all artifacts that are kept."""
        return self._total

    def add(self, runs: Iterable[CommittedRun]) -> None:
        """Take in runs that were committed since; one without an artifact is skipped."""
        if self._policy.keeps_all:
            return
        for run in runs:
            try:
                size = self._path(run.job_uuid).stat().st_size
            except OSError:
                continue
            insort(self._first_to_go, Kept.of_run(run, size))
            self._total += size

    def apply(self, never: Collection[str]) -> list[Removal]:
        """Remove what the policy does not keep and return it; called after each generation.

        `never` are the runs of the Pareto front and the best run. Raises StorageError when a
        file cannot be written or removed; calling again then goes on where it was.
        """
        if self._policy.keeps_all:
            return []
        self._carry_out()
        safe = set(never) | _confirmed(self._home)
        chosen = self._policy.decide(self._first_to_go, self._total, safe)
        if not chosen:
            return []
        _append(self._home.removed_file, chosen)
        self._recorded = list(chosen)
        gone = {removal.job_uuid for removal in chosen}
        self._first_to_go = [kept for kept in self._first_to_go if kept.job_uuid not in gone]
        self._total -= sum(removal.size for removal in chosen)
        self._carry_out()
        freed = sum(removal.size for removal in chosen)
        _log.info("removed %d artifacts (%.3f GB) by policy", len(chosen), freed / _GIGABYTE)
        return chosen

    def _carry_out(self) -> None:
        while self._recorded:
            path = self._path(self._recorded[-1].job_uuid)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"cannot remove {path}: {error.strerror or error}") from error
            self._recorded.pop()

    def _path(self, job_uuid: str) -> Path:
        return self._home.artifact_file(job_uuid)


def removals(home: Home) -> Iterator[Removal]:
    """Yield the recorded removals, none without a file; a torn last line is left out.

    Raises ContractError naming the row that is not what this program writes.
    """
    try:
        with home.removed_file.open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if number > 1 and line.endswith("\n"):
                    yield _parse(home.removed_file, number, line.rstrip("\n"))
    except FileNotFoundError:
        return
    except OSError as error:
        path = home.removed_file
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def removal_of(home: Home, job_uuid: str) -> Removal | None:
    """Return the recorded removal of a run's artifact, None when the policy did not remove it."""
    return next((found for found in removals(home) if found.job_uuid == job_uuid), None)


def _parse(path: Path, number: int, line: str) -> Removal:
    cells = next(csv.reader([line]), [])
    try:
        job_uuid, generation, reason, size = cells
        return Removal(canonical_uuid(job_uuid), int(generation), reason, int(size))
    except ValueError as error:
        raise ContractError(f"{path} row {number}: {error}") from error


def _confirmed(home: Home) -> set[str]:
    """Return the runs with a confirmation, complete or not."""
    try:
        return {path.name for path in home.confirmations_dir.iterdir()}
    except FileNotFoundError:
        return set()


def _append(path: Path, rows: Iterable[Removal]) -> None:
    """Append `rows` in one write, the header before the first ever; all of them or none."""
    if not path.exists():
        write_text(path, ",".join(COLUMNS) + "\n")
    text = io.StringIO()
    cells = ((row.job_uuid, row.generation, row.reason, row.size) for row in rows)
    csv.writer(text, lineterminator="\n").writerows(cells)
    try:
        with path.open("ab", buffering=0) as file:
            start = file.seek(0, os.SEEK_END)
            view = memoryview(text.getvalue().encode())
            try:
                while view:
                    view = view[file.write(view) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(start)
                raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def _cut_torn_end(path: Path) -> None:
    """Cut off what follows the last line end: a write that a kill interrupted."""
    if not path.exists():
        return
    try:
        with path.open("r+b") as file:
            whole = file.read().rfind(b"\n") + 1
            file.truncate(whole)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
