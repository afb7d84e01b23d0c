"""The ledger rows of the generation under way, which the search has not learned from yet."""

from collections.abc import Collection
from pathlib import Path

from irer.base.errors import StorageError
from irer.home.ledger import append_rows
from irer.home.ledger_row import LedgerRow

_SHARE = 16  # rows wait until they exceed one in so many of those entered


class OpenRows:
    """Rows of a generation under way, entered in the ledger as their jobs end.

    What is learned from the ledger must not depend on where a hunt was interrupted, so these rows
    are held back until the generation is whole. In a large generation some wait to be entered
    together, since each row that is inserted rewrites those behind it.
    """

    def __init__(self, ledger_file: Path, jobs: Collection[str]) -> None:
        """Take the ids of the generation's jobs, as far as they are known."""
        self._file = ledger_file
        self._jobs = frozenset(jobs)
        self._entered: dict[str, LedgerRow] = {}
        self._waiting: dict[str, LedgerRow] = {}

    def hold(self, row: LedgerRow) -> bool:
        """Take a ledger row if it belongs to the generation; say whether it does."""
        if row.job_uuid in self._jobs:
            self._entered[row.job_uuid] = row
        return row.job_uuid in self._jobs

    def __contains__(self, job_uuid: str) -> bool:
        return job_uuid in self._entered or job_uuid in self._waiting

    def enter(self, row: LedgerRow) -> None:
        """Enter a row in the ledger, or let it wait. Raises StorageError; the row then waits."""
        if row.job_uuid in self:
            return
        self._waiting[row.job_uuid] = row
        if len(self._waiting) * _SHARE > len(self._entered):
            self.flush()

    def flush(self) -> None:
        """Enter what waits. Raises StorageError."""
        if not self._waiting:
            return
        try:
            append_rows(self._file, self._waiting.values())
        except StorageError:  # rows that were being rewritten may be gone
            self._waiting |= self._entered
            self._entered = {}
            raise
        self._entered |= self._waiting
        self._waiting = {}

    def release(self, rows: list[LedgerRow]) -> None:
        """Enter the rows of a whole generation and forget them. Raises StorageError."""
        for row in rows:
            if row.job_uuid not in self:
                self._waiting[row.job_uuid] = row
        self.flush()
        for row in rows:
            self._entered.pop(row.job_uuid, None)
