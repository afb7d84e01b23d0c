"""What is brushed in the charts, as filters of the table: ranges of numbers, and a lasso.

A query has them as text (`ranges`, `lasso` of `GET /api/runs`), and so has the page's address.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from irer.base.words import unknown_name
from irer.hub.columns import Rows
from irer.hub.run import number_names

MOST_RANGES = 40
MOST_CORNERS = 100
LASSOED = ("log_prime_sse", "constraint_violation")  # the axes of the Pareto front
SMALLEST = 1e-12  # where a perfect 0 is drawn on a logarithmic axis

Numbers = Callable[[str, Rows], NDArray[np.float64]]


class Range(NamedTuple):
    """A number and where it has to lie, both ends included."""

    name: str
    low: float
    high: float


def ranges_of(text: str) -> list[Range]:
    """Return the ranges of `name:low:high,...`; an end left out is open. Raises ValueError."""
    parts = [part for part in text.split(",") if part]
    if len(parts) > MOST_RANGES:
        raise ValueError(f"must have at most {MOST_RANGES} ranges, got {len(parts)}")
    return [_range(part) for part in parts]


def _range(part: str) -> Range:
    name, *ends = part.split(":")
    if name not in number_names():
        raise ValueError(unknown_name("number", name[:60], number_names()))
    if len(ends) != 2:
        raise ValueError(f"must be name:low:high, got {part!r:.60}")
    low, high = _number(ends[0], -math.inf), _number(ends[1], math.inf)
    if low > high:
        raise ValueError(f"{name}: low must not be above high, got {low:g} and {high:g}")
    return Range(name, low, high)


def corners_of(text: str) -> NDArray[np.float64]:
    """Return the corners of a lasso from `x,y,x,y,...`, shape (n, 2); no row for empty text.

    x and y are the decimal logarithms of LASSOED. Raises ValueError.
    """
    values = [_number(part) for part in text.split(",")] if text else []
    if len(values) % 2 or 0 < len(values) < 6 or len(values) > 2 * MOST_CORNERS:
        message = f"must be x,y of 3 to {MOST_CORNERS} corners, got {len(values)} numbers"
        raise ValueError(message)
    return np.array(values).reshape(-1, 2)


def _number(text: str, left_out: float | None = None) -> float:
    if not text and left_out is not None:
        return left_out
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"must have finite numbers, got {text!r:.60}")
    return value


def brushed(
    rows: Rows, ranges: Sequence[Range], corners: NDArray[np.float64], numbers: Numbers
) -> Rows:
    """Return those of `rows` that lie in every range and in the lasso; none without a value."""
    for name, low, high in ranges:
        values = numbers(name, rows)
        rows = rows[(values >= low) & (values <= high)]
    if len(corners):
        x, y = (np.log10(np.maximum(numbers(name, rows), SMALLEST)) for name in LASSOED)
        rows = rows[inside(corners, x, y)]
    return rows


def inside(
    corners: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Say which points lie in a polygon, by how often a ray from each crosses its sides.

    A side is crossed where it begins above the ray and ends on it or below, or the other way
    round, so that a corner counts once. NaN is nowhere.
    """
    within = np.zeros(len(x), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        crossed = (y0 > y) != (y1 > y)
        within ^= crossed & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return within
