"""The table of runs by columns: 10^5 runs are filtered and sorted in milliseconds."""

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irer.hub.run import Run

Rows = NDArray[np.intp]  # numbers of runs, in the order in which they were found


class Columns:
    """The columns by which runs are sorted and filtered. Not thread-safe: the owner has a lock.

    A number gets its column when it is first asked for.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs  # the owner's, which only grows
        self._hunts: dict[str, int] = {}
        self._columns: dict[str, array[Any]] = {
            name: array("q") for name in ("hunt", "generation", "index", "failed")
        }
        self._uuids = array("Q"), array("Q")  # both halves

    def add(self, run: Run) -> None:
        """Take in the next run. Raises ValueError for a malformed UUID."""
        halves = divmod(int(run.job_uuid.replace("-", ""), 16), 2**64)
        for column, half in zip(self._uuids, halves, strict=True):
            column.append(half)
        self._columns["hunt"].append(self._hunts.setdefault(run.hunt_id, len(self._hunts)))
        self._columns["generation"].append(run.generation)
        self._columns["index"].append(run.index)
        self._columns["failed"].append(run.state == "FAILED")

    def rows(self, *, hunt_id: str | None = None, state: str | None = None) -> Rows:
        """Return the runs of one hunt and one state; None means any."""
        kept = np.ones(len(self._columns["hunt"]), dtype=bool)
        if hunt_id is not None:
            kept &= self._column("hunt") == self._hunts.get(hunt_id, -1)
        if state is not None:
            kept &= self._column("failed") == (state == "FAILED")
        return np.flatnonzero(kept)

    def ordered(self, rows: Rows, by: str = "generation", *, descending: bool = False) -> Rows:
        """Sort by a column, then by (generation, index); runs without a value come last."""
        place = [self._column(name)[rows] for name in ("index", "generation")]
        if by == "generation":
            missing, keys = np.zeros(len(rows), dtype=bool), []
        else:
            keys = self._keys(by, rows)
            missing = np.isnan(keys[-1]) if keys[-1].dtype == float else np.zeros(len(rows), bool)
        order = np.lexsort([*place, *keys])
        if descending:
            order = order[::-1]
        late = missing[order]
        return rows[np.concatenate((order[~late], order[late]))]

    def _keys(self, by: str, rows: Rows) -> list[NDArray[Any]]:
        if by == "job_uuid":
            high, low = (np.array(half)[rows] for half in self._uuids)
            return [low, high]
        return [self._column("failed" if by == "state" else by)[rows]]

    def numbers(self, name: str, rows: Rows) -> NDArray[np.float64]:
        """Return a number (irer.hub.run.number_names) of some runs, NaN for none."""
        return self._column(name)[rows]

    def _column(self, name: str) -> NDArray[Any]:
        column = self._columns.setdefault(name, array("d"))
        if len(column) < len(self._runs):
            values = (run.value(name) for run in self._runs[len(column) :])
            column.extend(math.nan if value is None else value for value in values)
        return np.array(column)


def without(rows: Rows, others: Iterable[int]) -> Rows:
    """Return those of `rows` that are not among `others`."""
    return rows[~np.isin(rows, np.fromiter(others, dtype=np.intp))]


def among(rows: Rows, others: Iterable[int]) -> Rows:
    """Return those of `rows` that are among `others`."""
    return rows[np.isin(rows, np.fromiter(others, dtype=np.intp))]
