"""On which parameters an objective depends, by shuffling it within generations."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BINS = 5  # of each parameter, with as many candidates in each
SHUFFLES = 999


def p_of_parameters(
    x: Array, y: Array, generations: NDArray[np.int_], rng: np.random.Generator
) -> Array:
    """Return a p-value for each parameter, (d,), corrected for their number.

    `x`, (n, d), are the candidates' parameters, `y`, (n,), their objective. The statistic is the
    part of the variance of the ranks of y that lies between bins of one parameter. The objective is
    shuffled within generations, because both it and the parameters drift while the search learns;
    each statistic is compared with the largest of all parameters (Westfall and Young 1993).
    """
    ranks = y.argsort(kind="stable").argsort(kind="stable").astype(float)
    ranks -= ranks.mean()
    shuffled = np.tile(ranks, (1 + SHUFFLES, 1))  # the first row stays as it is
    for generation in np.unique(generations):
        members = np.flatnonzero(generations == generation)
        shuffled[1:, members] = rng.permuted(shuffled[1:, members], axis=1)
    between = np.column_stack([_between(column, shuffled) for column in x.T])
    spread = between[1:].std(axis=0)
    standard = (between - between[1:].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    largest = standard[1:].max(axis=1)
    return np.asarray((1 + np.sum(largest[:, None] >= standard[0], axis=0)) / (1 + SHUFFLES))


def _between(column: Array, ranks: Array) -> Array:
    """Return the sum of squares between bins of one parameter, for each row of ranks, (s, n)."""
    order = column.argsort(kind="stable").argsort(kind="stable")
    bins = order * BINS // len(column)
    member = (bins[:, None] == np.arange(BINS)).astype(float)
    sums = ranks @ member
    return np.asarray((sums**2 / np.maximum(member.sum(axis=0), 1)).sum(axis=1))
