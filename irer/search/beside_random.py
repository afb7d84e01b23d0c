"""Whether a search found more than as many random draws, by shuffling the runs of both.

If the search's candidates are no better than random ones, it does not matter which of both hunts a
candidate belongs to. So the candidates are dealt anew to two hunts of the same sizes, and the
difference of their hypervolumes is compared with the real one: a permutation test, exact whatever
the objectives look like.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.search.hypervolume import REFERENCE, Point, hypervolumes

Array = NDArray[np.float64]
Groups = Sequence[Sequence[Point | None]]  # the runs of each candidate; None: without a score

SHUFFLES = 999
_AT_ONCE = 2_000_000  # entries of an array over shuffles and runs


@dataclass(frozen=True)
class Difference:
    """The hypervolume of a hunt less that of its control hunt, in square decades."""

    difference: float
    low: float  # 5% and 95% quantiles of the difference when the candidates are shuffled
    high: float
    p_better: float  # the share of shuffles, this one included, whose difference is as large
    p_worse: float  # as small


def beside_random(hunt: Groups, random: Groups, rng: np.random.Generator) -> Difference | None:
    """Compare a hunt with its control hunt; None where neither has a run with a score."""
    groups = [*hunt, *random]
    runs = [(point, n) for n, group in enumerate(groups) for point in group if point is not None]
    if not runs:
        return None
    runs.sort()
    points = np.minimum([point for point, _ in runs], REFERENCE)
    of_group = np.array([n for _, n in runs])
    mine = np.arange(len(groups)) < len(hunt)
    observed = _hypervolume(hunt) - _hypervolume(random)
    found = []
    for n in _parts(len(runs)):
        dealt = rng.permuted(np.tile(mine, (n, 1)), axis=1)[:, of_group]
        found.append(_areas(points, dealt) - _areas(points, ~dealt))
    shuffled = np.concatenate(found)
    close = 1e-9 * max(1.0, abs(observed))  # sums in another order differ in the last bits
    low, high = np.quantile(shuffled, [0.05, 0.95]).tolist()
    return Difference(
        difference=observed,
        low=low,
        high=high,
        p_better=(1 + int(np.sum(shuffled >= observed - close))) / (1 + SHUFFLES),
        p_worse=(1 + int(np.sum(shuffled <= observed + close))) / (1 + SHUFFLES),
    )


def _hypervolume(groups: Groups) -> float:
    return max(hypervolumes(point for group in groups for point in group), default=0.0)


def _parts(runs: int) -> list[int]:
    """Return how many shuffles are made at once, part by part."""
    most = max(1, _AT_ONCE // runs)
    return [min(most, SHUFFLES - start) for start in range(0, SHUFFLES, most)]


def _areas(points: Array, mine: NDArray[np.bool_]) -> Array:
    """Return the hypervolume of each selection, (s, n), of points in rising order, (n, 2): (s,).

    Beside each point the selected ones before it leave free what lies below the lowest of them.
    """
    lowest = np.minimum.accumulate(np.where(mine, points[:, 1], REFERENCE[1]), axis=1)
    widths = np.diff(points[:, 0], append=REFERENCE[0])
    return np.asarray((REFERENCE[1] - lowest) @ widths)
