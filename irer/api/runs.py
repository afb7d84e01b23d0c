"""The runs of a home as a sequence of typed rows, and as a DataFrame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from irer.api.run import Run
from irer.base.fitness import is_pareto
from irer.base.html import shown, table
from irer.home import Home
from irer.home.frame import frame_of
from irer.home.ledger_row import LedgerRow
from irer.home.provenance import read_provenance

if TYPE_CHECKING:
    import pandas as pd

_MOST_SHOWN = 20
_SHOWN = ("generation", "index", "state", "log_prime_sse", "constraint_violation", "fitness")


@dataclass(frozen=True)
class Runs(Sequence[LedgerRow]):
    """Committed runs in (generation, index) order; `runs[0].params.kappa`, `runs.dataframe()`."""

    rows: tuple[LedgerRow, ...]
    home: Home

    @overload
    def __getitem__(self, index: int) -> LedgerRow: ...
    @overload
    def __getitem__(self, index: slice) -> "Runs": ...
    def __getitem__(self, index: int | slice) -> "LedgerRow | Runs":
        if isinstance(index, slice):
            return Runs(self.rows[index], self.home)
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[LedgerRow]:
        return iter(self.rows)

    def dataframe(self) -> "pd.DataFrame":
        """Return one row a run, one column for each of the ledger's, typed (docs/howto/python.md).

        Categories for names, nullable numbers for what a failed run lacks, UTC times.
        """
        return frame_of(self.rows)

    def front(self) -> "Runs":
        """Return the runs with a score that no other one beats in both errors, by log_prime_sse.

        The errors are log_prime_sse and constraint_violation (docs/searching.md).
        """
        scored = [(row.objectives, row) for row in self.rows if row.objectives is not None]
        best = is_pareto(np.array([errors for errors, _ in scored], dtype=float).reshape(-1, 2))
        kept = [pair for pair, is_best in zip(scored, best, strict=True) if is_best]
        return Runs(tuple(row for _, row in sorted(kept, key=lambda pair: pair[0])), self.home)

    def best(self) -> Run | None:
        """Return the run of highest fitness, the first of equals; None when none has a score.

        Raises ContractError for a broken record, NotFoundError for one that is gone.
        """
        scored = [row for row in self.rows if row.fitness is not None]
        if not scored:
            return None
        row = max(scored, key=lambda row: (row.fitness or 0.0, -row.generation, -row.index))
        return Run(read_provenance(self.home.provenance_file(row.job_uuid)), self.home)

    def __repr__(self) -> str:
        return f"<Runs: {len(self)} of {self.home.folder.name}>"

    def _repr_html_(self) -> str:
        rows = [("job_uuid", *_SHOWN), *map(_cells, self.rows[-_MOST_SHOWN:])]
        left_out = len(self) - len(rows) + 1
        title = f"{len(self)} runs" + (f", the newest {_MOST_SHOWN}" if left_out else "")
        return table(title, rows[0], rows[1:])


def _cells(row: LedgerRow) -> tuple[str, ...]:
    sse = row.metrics.log_prime_sse if row.metrics else None
    values = (row.generation, row.index, row.state, sse, row.constraint_violation, row.fitness)
    return row.job_uuid[:8], *("" if value is None else shown(value) for value in values)
