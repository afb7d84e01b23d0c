"""How much of an objective's variance the parameters decide, and how much the seed's luck."""

from collections.abc import Sequence

import numpy as np

from irer.base.hunt_records import VarianceShare

LEVEL = 0.9  # of the interval


def share_of_parameters(groups: Sequence[Sequence[float]]) -> VarianceShare:
    """Return the intraclass correlation of groups of runs, each of one candidate's seeds.

    From a one-way analysis of variance with random effects; the interval is that of the F
    statistic (Searle, Linear Models, 1971), exact for normal values and groups of equal size. Every
    group has at least two values, and there are at least two groups.
    """
    from scipy.special import fdtri  # here: listing runs needs no SciPy

    sizes = np.array([len(group) for group in groups], dtype=float)
    n, total = len(groups), float(sizes.sum())
    means = np.array([np.mean(group) for group in groups])
    mean = float((sizes * means).sum() / total)
    between = float((sizes * (means - mean) ** 2).sum()) / (n - 1)
    within = sum(float(np.sum((np.array(g) - m) ** 2)) for g, m in zip(groups, means, strict=True))
    within /= total - n
    usual = float(total - (sizes**2).sum() / total) / (n - 1)  # runs a candidate
    if within == 0:
        share = 0.0 if between == 0 else 1.0
        return _told(share, share, share, n, int(total))
    tail = (1 - LEVEL) / 2
    found = [
        _share(between / within / float(f), usual)
        for f in (1, fdtri(n - 1, total - n, 1 - tail), fdtri(n - 1, total - n, tail))
    ]
    return _told(found[0], found[1], found[2], n, int(total))


def _told(share: float, low: float, high: float, candidates: int, runs: int) -> VarianceShare:
    return VarianceShare(
        share=share, low=low, high=high, level=LEVEL, candidates=candidates, runs=runs
    )


def _share(f: float, runs: float) -> float:
    """Return the share for a ratio of mean squares between and within candidates."""
    return min(max((f - 1) / (f - 1 + runs), 0.0), 1.0)
