"""The design that a hunt fixes before its first job: objective, bounds, thresholds, as a digest."""

from typing import Any

from irer.base import goals
from irer.base.errors import ConflictError, ContractError
from irer.base.files import sha256_of_json
from irer.base.hunt_records import HuntPlan
from irer.validation import background, combs, log_prime, matching, settling, spectrum

# Fields of a plan that are no design: its ids, times, runner and progress.
_NOT_DESIGN = frozenset(
    {"schema_version", "hunt_id", "runner", "first_generation", "generation", "job_uuids"}
    | {"state", "message", "started_at", "ended_at", "design_sha256"}
)


# Fields that a plan of an earlier version lacks, and the value that it means by that.
_LATER = {"seeds_per_candidate": 1}  # since 11.2


def design_of(plan: HuntPlan) -> dict[str, Any]:
    """Return all that must not change once results are seen, as JSON values."""
    return {
        "measure_version": goals.MEASURE_VERSION,
        "objectives": ["log_prime_sse", "constraint_violation"],
        "statistic": "smallest log_prime_sse of the hunt",
        "thresholds": {**goals.GOALS, "n_targets_resolved": goals.N_TARGETS},
        "score": {
            "primes": list(combs.PRIMES),
            "unmatched_cost": matching.UNMATCHED_COST,
            "confident_excess": matching.CONFIDENT_EXCESS,
            "max_peaks": matching.MAX_PEAKS,
            "min_contrast": log_prime.MIN_CONTRAST,
            "min_shells": log_prime.MIN_SHELLS,
            "window": list(combs.WINDOW),
            "shell_width": spectrum.SHELL_WIDTH,
            "floor_factor": spectrum.FLOOR_FACTOR,
            "background_width": background.BACKGROUND_WIDTH,
            "background_shells": background.BACKGROUND_SHELLS,
            "background_rounds": background.BACKGROUND_ROUNDS,
            "noise_shells": spectrum.NOISE_SHELLS,
            "drift_bounds": [
                settling.DENSITY_BOUND,
                settling.U_BOUND,
                settling.LOG_H_BOUND,
                settling.SSE_BOUND,
            ],
        },
        "order": plan.model_dump(mode="json", exclude=set(_NOT_DESIGN)),
    }


def sealed(plan: HuntPlan) -> HuntPlan:
    """Return the plan with the fingerprint of its design."""
    return plan.model_copy(update={"design_sha256": _digest(plan)})


def check_measure(plan: HuntPlan) -> None:
    """Raise ConflictError for a plan of another version of the measure."""
    if plan.measure_version != goals.MEASURE_VERSION:
        raise ConflictError(
            f"hunt {plan.hunt_id} was begun with version {plan.measure_version} of the measure, "
            f"this program has version {goals.MEASURE_VERSION}: its runs can be rescored "
            "(validation_pipeline.py --rescore), but it cannot be repeated and it cannot be resumed"
        )


def check_design(plan: HuntPlan) -> None:
    """Raise ContractError when a plan's design is not the one that was fixed with it.

    Raises ConflictError for one of another version of the measure.
    """
    check_measure(plan)
    if plan.design_sha256 not in (_digest(plan), _digest_before(plan)):
        raise ContractError(
            f"hunt {plan.hunt_id}: its objective, bounds or thresholds are not those that were "
            f"fixed before its first trial (hunt.json has {plan.design_sha256[:12] or 'none'}, "
            f"now {_digest(plan)[:12]})"
        )


def _digest(plan: HuntPlan) -> str:
    return sha256_of_json(design_of(plan))


def _digest_before(plan: HuntPlan) -> str:
    """Return the digest that the version before a later field gave the same design."""
    design = design_of(plan)
    for name, meant in _LATER.items():
        if design["order"][name] == meant:
            del design["order"][name]
    return sha256_of_json(design)
