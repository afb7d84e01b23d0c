"""One-to-one assignments of peaks to targets: what the best one saves, and quick bounds of it.

A table holds what matching each of P peaks to each of T targets saves, never below 0. Among many
tables the bounds decide nearly all questions of "at least so much"; the exact answer takes a call
a table. The bounds take n tables as (P, T, n): NumPy is quick along a long last axis.
"""

import numpy as np
from numpy.typing import NDArray

from irer.validation.combs import Array

# Steps towards the lowest dual bound, in units of the gains, which are at most 0.25.
_STEPS = 0.02 / (1 + 0.5 * np.arange(6))


def best_pairs(saved: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of the one-to-one assignment of one table that saves most."""
    # Imported here: it takes longer than all else, and who only draws spectra needs none of it.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(saved, maximize=True)
    return rows, columns


def most_saved(tables: Array) -> Array:
    """Return what the best assignment of each of n tables, (n, P, T), saves: (n,)."""
    from scipy.optimize import linear_sum_assignment

    pairs = (linear_sum_assignment(table, maximize=True) for table in tables)
    return np.array([table[found].sum() for table, found in zip(tables, pairs, strict=True)])


def saves_at_least(tables: Array, need: float) -> NDArray[np.bool_]:
    """Say of which of n tables, (P, T, n), the best assignment saves `need` or more: (n,)."""
    answer = greedily_saved(tables) >= need
    open_ = np.flatnonzero(~answer & (upper_bound(tables) >= need))
    answer[open_] = saves_after_all(tables.take(open_, axis=2), need)
    return answer


def saves_after_all(tables: Array, need: float) -> NDArray[np.bool_]:
    """Say the same of tables that the quick bounds left open: by the dual bound, then exactly."""
    answer = np.zeros(tables.shape[2], dtype=bool)
    for some in _cached(np.arange(len(answer))):
        possible = some[dual_bound(tables.take(some, axis=2)) >= need]
        answer[possible] = most_saved(tables.take(possible, axis=2).transpose(2, 0, 1)) >= need
    return answer


def _cached(which: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return parts of which the tables fit into a processor's cache, at least one."""
    return np.array_split(which, 1 + len(which) // 256)


def greedily_saved(tables: Array) -> Array:
    """Return what each of n tables, (P, T, n), saves if the strongest peaks choose first: (n,)."""
    left, saved = tables.copy(), np.zeros(tables.shape[2])
    for peak in range(len(left)):
        best = left[peak].max(axis=0)
        saved += best
        left[peak + 1 :] *= (left[peak] < best) | (best == 0)
    return saved


def upper_bound(tables: Array) -> Array:
    """Return what no assignment of each of n tables, (P, T, n), exceeds: (n,).

    A peak saves at most what it saves at its best target, and a target at its best peak.
    """
    return np.asarray(
        np.minimum(tables.max(axis=1).sum(axis=0), tables.max(axis=0, initial=0.0).sum(axis=0))
    )


def dual_bound(tables: Array) -> Array:
    """Return a lower such bound of each of n tables, (P, T, n): (n,).

    For any prices >= 0 of the targets it is the sum of the prices and of what each peak saves at
    best beyond them (the dual of the assignment problem). A target that several peaks want becomes
    dearer, one that none wants cheaper.
    """
    price = tables.max(axis=0, initial=0.0) / 2
    lowest = np.full(tables.shape[2], np.inf)
    for step in _STEPS:
        beyond = tables - price
        best = beyond.max(axis=1, keepdims=True, initial=0.0)
        lowest = np.minimum(lowest, best.sum(axis=(0, 1)) + price.sum(axis=0))
        wanted = ((beyond == best) & (best > 0)).sum(axis=0)
        price = np.maximum(price + step * (wanted - 1), 0.0)
    return lowest
