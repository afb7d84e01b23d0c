"""The part of the ledger that a search remembers: bounded, however long the ledger grows."""

from collections import deque
from itertools import islice

from irer.home.ledger import LedgerRow
from irer.search.hypervolume import Front, in_decades

REMEMBERED = 1000  # rows learned from; the cost of rebuilding a study grows with them
GROWTH = 1e-3  # of the hypervolume; less is stagnation
FRONT_REMEMBERED = 500  # at most so many of the front, evenly chosen


class History:
    """The last rows, the Pareto front of all rows and its hypervolume, for the samplers."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._recent: deque[LedgerRow] = deque(maxlen=remembered)
        self._front: Front[LedgerRow] = Front()
        self._decades: Front[None] = Front()

    def add(self, row: LedgerRow) -> None:
        """Take in the next row of the ledger."""
        self._recent.append(row)
        objectives = row.objectives
        if objectives is not None and self._front.add(objectives, row):
            self._decades.add(in_decades(*objectives), None)  # no other run can make it grow

    @property
    def front(self) -> list[LedgerRow]:
        """The runs that no other run dominates, by rising log_prime_sse."""
        return self._front.items

    def spread_front(self, most: int) -> list[LedgerRow]:
        """Return at most so many runs of the front, evenly, both its ends among them."""
        return self._front.spread(most)

    @property
    def hypervolume(self) -> float:
        """The area that the runs dominate, in square decades (irer/search/hypervolume.py)."""
        return self._decades.hypervolume

    @property
    def newest(self) -> list[LedgerRow]:
        """The last rows, in order of arrival."""
        return list(self._recent)

    def rows(self) -> list[LedgerRow]:
        """Return the rows learned from, the front and the newest others, by (generation, index)."""
        spread = self.spread_front(FRONT_REMEMBERED)
        known = {row.job_uuid: row for row in (*spread, *reversed(self._recent))}
        return sorted(islice(known.values(), self._remembered), key=lambda row: row.place)
