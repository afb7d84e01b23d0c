"""The Pareto front of two minimised objectives and its hypervolume, kept as runs come in.

The hypervolume is the area between the front and a reference point, which the runs so far
dominate. It never shrinks. For runs it is measured in decades (`in_decades`). This module does
not load Optuna, because the hub imports it.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

from irer.base.goals import SSE_GOAL

T = TypeVar("T")
Point = tuple[float, float]

FLOOR: Point = (SSE_GOAL / 10, 0.1)  # a smaller error counts as this


def in_decades(log_prime_sse: float, constraint_violation: float) -> Point:
    """Return the common logarithms of a run's two errors.

    Violations of one hunt differ by orders of magnitude, so that on a linear scale all but the
    worst would count alike. An error below a tenth of its goal counts as a tenth.
    """
    return (
        math.log10(max(log_prime_sse, FLOOR[0])),
        math.log10(max(constraint_violation, FLOOR[1])),
    )


# 2 is the largest SSE, that of a run without lines; an H-norm of 1, a thousand times its goal, is
# larger than that of any intact run. The whole area is 3.3 x 4 square decades.
REFERENCE = in_decades(2.0, 1000.0)


def evenly(n: int, most: int) -> list[int]:
    """Return at most `most` of the indices 0 to n - 1, evenly, both ends among them."""
    if n <= most:
        return list(range(n))
    return [place * (n - 1) // max(most - 1, 1) for place in range(most)]


class Front(Generic[T]):
    """Items that no other dominates, each at a point of two objectives.

    A point is dominated by one that is no worse in both and better in one; equal points do not
    dominate each other. An addition costs O(log n) plus the items it removes.
    """

    def __init__(self, reference: Point = REFERENCE) -> None:
        self.reference = reference
        self.hypervolume = 0.0
        # One for each item, by rising first and falling second objective; equals as added.
        self._points: list[Point] = []
        self._items: list[T] = []

    def add(self, point: Point, item: T) -> bool:
        """Add an item; say whether it is on the front now."""
        start = bisect_left(self._points, point)
        if start < len(self._points) and self._points[start] == point:
            start = end = bisect_right(self._points, point)
        elif start > 0 and self._points[start - 1][1] <= point[1]:
            return False
        else:
            end = start
            while end < len(self._points) and self._points[end][1] >= point[1]:
                end += 1
            self.hypervolume += self._gain(point, start, end)
        self._points[start:end] = [point]
        self._items[start:end] = [item]
        return True

    def _gain(self, point: Point, start: int, end: int) -> float:
        """Return the area that `point` adds; `start` to `end` are the points it dominates."""
        right, top = self.reference
        height = min(top, self._points[start - 1][1]) if start else top
        x, gain = point[0], 0.0
        beyond = self._points[end][0] if end < len(self._points) else right
        for next_x, next_y in [*self._points[start:end], (beyond, 0.0)]:
            gain += max(0.0, min(next_x, right) - x) * max(0.0, height - point[1])
            x, height = next_x, min(height, next_y)
        return gain

    @property
    def points(self) -> list[Point]:
        """The distinct points of the front, by rising first objective."""
        return list(dict.fromkeys(self._points))

    @property
    def items(self) -> list[T]:
        """The items of the front, by rising first objective; equals in the order added."""
        return list(self._items)

    def spread(self, most: int) -> list[T]:
        """Return at most so many of the items, evenly, both ends of the front among them."""
        return [self._items[place] for place in evenly(len(self._items), most)]

    def __len__(self) -> int:
        return len(self._items)


def hypervolumes(points: Iterable[Point | None], reference: Point = REFERENCE) -> list[float]:
    """Return the hypervolume after each of `points`; None is a failed run, which adds nothing."""
    front = Front[None](reference)
    volumes = []
    for point in points:
        if point is not None:
            front.add(point, None)
        volumes.append(front.hypervolume)
    return volumes
