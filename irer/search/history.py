"""What a search remembers of the ledger: bounded, however long the ledger grows."""

from collections import deque

from irer.records import Metrics
from irer.search.ledger import LedgerRow

REMEMBERED = 2000  # rows beside the Pareto set; what rebuilding a study costs grows with them


class History:
    """The last rows and the Pareto set of all, as the samplers learn from them."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._recent: deque[LedgerRow] = deque(maxlen=remembered)
        self._front: list[LedgerRow] = []

    def add(self, row: LedgerRow) -> None:
        """Take in the next row of the ledger."""
        self._recent.append(row)
        if row.metrics is None or any(_dominates(kept, row.metrics) for kept in self._front):
            return
        self._front = [kept for kept in self._front if not _beats(row.metrics, kept)]
        self._front.append(row)

    @property
    def front(self) -> list[LedgerRow]:
        """The runs that no other run dominates, in (generation, index) order."""
        return sorted(self._front, key=lambda row: row.place)

    def rows(self) -> list[LedgerRow]:
        """Return what is remembered, each run once, in (generation, index) order."""
        known = {row.job_uuid: row for row in (*self._front, *self._recent)}
        return sorted(known.values(), key=lambda row: row.place)


def _dominates(kept: LedgerRow, metrics: Metrics) -> bool:
    return kept.metrics is not None and _better(kept.metrics, metrics)


def _beats(metrics: Metrics, kept: LedgerRow) -> bool:
    return kept.metrics is not None and _better(metrics, kept.metrics)


def _better(a: Metrics, b: Metrics) -> bool:
    """Say whether `a` is no worse than `b` in both objectives and better in one."""
    left = (a.log_prime_sse, a.sdg_h_norm_l2)
    right = (b.log_prime_sse, b.sdg_h_norm_l2)
    return left != right and left[0] <= right[0] and left[1] <= right[1]
