"""The searched parameters and their ranges, as the unit box."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from irer.home.ledger import LedgerRow

Point = dict[str, float]
Array = NDArray[np.float64]


class Box:
    """The searched parameters and their ranges, as the unit box."""

    def __init__(self, space: Mapping[str, tuple[float, float]]) -> None:
        self.space = dict(space)
        ends = np.array(list(self.space.values()), dtype=float)
        self._low, self._width = ends[:, 0], ends[:, 1] - ends[:, 0]

    @property
    def dimensions(self) -> int:
        """How many parameters are searched."""
        return len(self.space)

    def of_point(self, point: Point) -> Array:
        """Return a point in coordinates of the unit box, (d,)."""
        return self._placed(np.array([point[name] for name in self.space]))

    def params_of(self, row: LedgerRow) -> Point:
        """Return the searched parameters of a run."""
        return {name: getattr(row.params, name) for name in self.space}

    def of_rows(self, rows: Sequence[LedgerRow]) -> Array:
        """Return the points of runs in coordinates of the unit box, (n, d)."""
        values = [[getattr(row.params, name) for name in self.space] for row in rows]
        return self._placed(np.array(values).reshape(-1, self.dimensions))

    def _placed(self, values: Array) -> Array:
        return np.asarray((values - self._low) / self._width)

    def point(self, place: Array) -> Point:
        """Return the parameters at coordinates of the unit box; never outside their ranges."""
        values = self._low + place * self._width
        return {
            name: float(min(max(value, low), high))
            for value, (name, (low, high)) in zip(values, self.space.items(), strict=True)
        }
