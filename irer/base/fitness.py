"""What counts as good: fitness, the Pareto front, the verdict on a single run.

Formulas and thresholds are those of docs/metrics.md. No Optuna here: the hub imports this.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.goals import (
    N_TARGETS,
    SSE_GOAL,
    constraint_violation,
    why_no_score,
)
from irer.base.records import Metrics

_SMALLEST = 1e-300


def objectives(metrics: Metrics | None) -> tuple[float, float] | None:
    """Return the two errors that the search minimises, log_prime_sse and constraint_violation.

    None for a run without a score: a failed one, or one with a reason from `why_no_score`.
    """
    if metrics is None or why_no_score(metrics):
        return None
    return metrics.log_prime_sse, constraint_violation(metrics)


def fitness(metrics: Metrics | None) -> float | None:
    """Return 1 / (sse / 0.01 + constraint_violation): higher is better, 0.5 at both goals.

    It only ranks the best run; the search minimises both objectives. None where `objectives` is
    None, else finite: a sum of exactly zero counts as 1e-300.
    """
    errors = objectives(metrics)
    if errors is None:
        return None
    return 1.0 / max(errors[0] / SSE_GOAL + errors[1], _SMALLEST)


def scientific_verdict(metrics: Metrics) -> Literal["reached", "not reached"]:
    """Say whether a single run reaches the goals; "confirmed" takes a confirmation."""
    errors = objectives(metrics)
    reached = (
        errors is not None
        and metrics.n_targets_resolved == N_TARGETS
        and errors[0] < SSE_GOAL
        and errors[1] < 1
    )
    return "reached" if reached else "not reached"


def is_pareto(points: ArrayLike) -> NDArray[np.bool_]:
    """Return which of `points`, shape (n, 2), no other point dominates; both are minimised.

    A point dominates another when it is no worse in both and better in one; equal points do not
    dominate each other. O(n log n).
    """
    values = np.asarray(points, dtype=float).reshape(-1, 2)
    x, inverse = np.unique(values[:, 0], return_inverse=True)
    lowest = np.full(len(x), np.inf)  # smallest second objective at each x
    np.minimum.at(lowest, inverse, values[:, 1])
    before = np.concatenate(([np.inf], np.minimum.accumulate(lowest)))[: len(x)]
    on_front: NDArray[np.bool_] = (values[:, 1] == lowest[inverse]) & (
        values[:, 1] < before[inverse]
    )
    return on_front
