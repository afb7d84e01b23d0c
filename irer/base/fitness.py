"""What counts as good: fitness, the Pareto front, the verdict, the best run.

Formulas and thresholds are those of docs/metrics.md. No Optuna here: the hub imports this.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.goals import (
    N_TARGETS,
    SSE_GOAL,
    constraint_violation,
    why_no_score,
)
from irer.base.records import Metrics, Provenance

NO_BEST_RUN: dict[str, Any] = {"error": "No successful runs completed."}

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


def best_run(provenance: Provenance) -> dict[str, Any]:
    """Return a run with a score in the shape of a hunt's final result and of `/api/best`."""
    metrics = provenance.metrics
    score = fitness(metrics)
    if metrics is None or score is None:
        return dict(NO_BEST_RUN)
    return {
        "job_uuid": provenance.job_uuid,
        "hunt_id": provenance.hunt_id,
        "generation": provenance.generation,
        "index": provenance.index,
        "fitness": score,
        "log_prime_sse": metrics.log_prime_sse,
        "sdg_h_norm_l2": metrics.sdg_h_norm_l2,
        "metrics": metrics.model_dump(mode="json"),
        "sncgl_params": provenance.sncgl_params.model_dump(mode="json"),
        "simulation": provenance.simulation.model_dump(mode="json"),
        "model": provenance.model,
        "global_seed": provenance.global_seed,
        "verdict": {"scientific": scientific_verdict(metrics)},
    }
