"""What a search remembers of the ledger: bounded, however long the ledger grows."""

from collections import deque
from itertools import islice

from irer.search.hypervolume import Front, in_decades
from irer.search.ledger import LedgerRow

REMEMBERED = 1000  # rows learned from; what rebuilding a study costs grows with them
FRONT_REMEMBERED = 500  # of them; of a longer front every n-th run


class History:
    """The last rows, the Pareto set of all and its hypervolume, as the samplers learn from them."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._recent: deque[LedgerRow] = deque(maxlen=remembered)
        self._front: Front[LedgerRow] = Front()
        self._decades: Front[None] = Front()
        self._sorted: list[LedgerRow] | None = []

    def add(self, row: LedgerRow) -> None:
        """Take in the next row of the ledger."""
        self._recent.append(row)
        if row.objectives is not None:
            if self._front.add(row.objectives, row):
                self._sorted = None
            self._decades.add(in_decades(*row.objectives), None)

    @property
    def front(self) -> list[LedgerRow]:
        """The runs that no other run dominates, in (generation, index) order."""
        if self._sorted is None:
            self._sorted = sorted(self._front.items, key=lambda row: row.place)
        return list(self._sorted)

    @property
    def hypervolume(self) -> float:
        """What the runs dominate, in square decades (irer/search/hypervolume.py)."""
        return self._decades.hypervolume

    @property
    def newest(self) -> list[LedgerRow]:
        """The last rows, as they came."""
        return list(self._recent)

    def rows(self) -> list[LedgerRow]:
        """Return what is learned from, the front and the newest others, in the order of places."""
        front = self._front.items
        spread = front[:: -(-len(front) // FRONT_REMEMBERED) or 1]
        known = {row.job_uuid: row for row in (*spread, *reversed(self._recent))}
        return sorted(islice(known.values(), self._remembered), key=lambda row: row.place)
