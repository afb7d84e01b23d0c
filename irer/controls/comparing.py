"""Whether a refinement agrees with the run's own settings, by a test of equivalence.

A test that rejects no difference does not show agreement: a few runs with a large scatter reject
nothing. Here the whole 90% interval has to lie within the allowed difference.
"""

import math
from collections.abc import Sequence

import numpy as np

from irer.base.goals import H_NORM_GOAL, MetricName
from irer.controls.records import Comparison, Group
from irer.search.significance import Equivalence, equivalence

H_NORM_FACTOR = 2.0  # the largest allowed ratio of H-norms
SSE_MARGIN = 0.005  # absolute: the logarithm is ill-posed near 0
H_NORM_FLOOR = 0.01 * H_NORM_GOAL  # a smaller one, a solver's residual, counts as this


def compare(base: Group, group: Group, metric: MetricName) -> Comparison | None:
    """Compare one metric of two groups; None where one has fewer than two complete runs."""
    own, other = _values(base, metric), _values(group, metric)
    if min(len(own), len(other)) < 2:
        return None
    if metric == "log_prime_sse":
        found = equivalence(own, other, SSE_MARGIN)
        return _comparison(group, metric, found, (-SSE_MARGIN, SSE_MARGIN))
    return _h_norm_comparison(group, own, other)


def _h_norm_comparison(group: Group, base: Sequence[float], other: Sequence[float]) -> Comparison:
    """Compare the means of the logarithms; the result is in ratios."""
    a, b = (np.log(np.maximum(values, H_NORM_FLOOR)) for values in (base, other))
    found = equivalence(a, b, math.log(H_NORM_FACTOR))
    ratio = Equivalence(
        difference=_factor(found.difference),
        low=_factor(found.low),
        high=_factor(found.high),
        p=found.p,
        outcome=found.outcome,
    )
    return _comparison(group, "sdg_h_norm_l2", ratio, (1 / H_NORM_FACTOR, H_NORM_FACTOR))


def _factor(logarithm: float) -> float:
    return math.exp(min(logarithm, 700.0))  # a larger result overflows


def _comparison(
    group: Group, metric: MetricName, found: Equivalence, limits: tuple[float, float]
) -> Comparison:
    return Comparison(
        group=group.name,
        metric=metric,
        estimate=found.difference,
        low=found.low,
        high=found.high,
        limits=limits,
        p=found.p,
        outcome=found.outcome,
    )


def _values(group: Group, metric: MetricName) -> list[float]:
    return [getattr(run.metrics, metric) for run in group.runs if run.metrics]
