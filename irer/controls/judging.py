"""From the runs of a confirmation to its outcome."""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np

from irer.controls.records import (
    ConfirmationReport,
    Discovery,
    Group,
    GroupName,
    MetricName,
    Pooled,
    Replicate,
    Spread,
    TestedDifference,
)
from irer.goals import (
    H_NORM_GOAL,
    N_TARGETS,
    RELATIVE_VIOLATION_GOAL,
    SSE_GOAL,
)
from irer.records import Metrics, Provenance
from irer.search.significance import ALPHA, welch

METRICS: tuple[MetricName, ...] = get_args(MetricName)
N_DIFFERENCES = 6  # three refinements, two metrics


def assess(
    discovery: Provenance, runs: Mapping[GroupName, Sequence[Provenance]], pooled: Pooled | None
) -> ConfirmationReport:
    """Return the report on a confirmation whose runs have all ended."""
    if discovery.metrics is None:
        raise ValueError("the discovery has no metrics")
    groups = [_group(name, records) for name, records in runs.items()]
    differences = _differences(groups)
    findings = [*_failures(groups), *_significant(differences)]
    robust = not findings
    misses = _misses(groups[0])
    return ConfirmationReport(
        job_uuid=discovery.job_uuid,
        hunt_id=discovery.hunt_id,
        discovery=Discovery(
            global_seed=discovery.global_seed,
            simulation=discovery.simulation,
            metrics=discovery.metrics,
        ),
        groups=groups,
        differences=differences,
        pooled=pooled,
        robust=robust,
        medians_pass=not misses,
        passed=robust and not misses,
        findings=findings + misses,
    )


def _group(name: GroupName, records: Sequence[Provenance]) -> Group:
    complete = [record.metrics for record in records if record.metrics]
    return Group(
        name=name,
        simulation=records[0].simulation,
        runs=[
            Replicate(
                job_uuid=record.job_uuid,
                global_seed=record.global_seed,
                metrics=record.metrics,
                error=record.error,
            )
            for record in records
        ],
        spread={metric: spread(_values(complete, metric)) for metric in METRICS if complete},
    )


def spread(values: Sequence[float]) -> Spread:
    """Return mean, sample standard deviation, median and range of at least one value."""
    return Spread(
        n=len(values),
        mean=float(np.mean(values)),
        std=float(np.std(values, ddof=1)) if len(values) > 1 else None,
        median=float(np.median(values)),
        min=min(values),
        max=max(values),
    )


def _values(metrics: Sequence[Metrics], name: str) -> list[float]:
    return [getattr(found, name) for found in metrics]


def _complete(group: Group) -> list[Metrics]:
    return [run.metrics for run in group.runs if run.metrics]


def _differences(groups: Sequence[Group]) -> list[TestedDifference]:
    """Test each refinement against the base; a group of fewer than two runs cannot be."""
    base, *refinements = groups
    found = []
    for group in refinements:
        if min(len(_complete(base)), len(_complete(group))) < 2:
            continue
        for metric in METRICS:
            a, b = _values(_complete(base), metric), _values(_complete(group), metric)
            test = welch(a, b, N_DIFFERENCES)
            found.append(
                TestedDifference(
                    group=group.name,
                    metric=metric,
                    t=test.t,
                    p=test.p,
                    p_bonferroni=test.p_bonferroni,
                    significant=test.p_bonferroni < ALPHA,
                )
            )
    return found


def _failures(groups: Sequence[Group]) -> list[str]:
    found = []
    for group in groups:
        reasons = [run.error.reason.value for run in group.runs if run.error]
        if reasons:
            named = ", ".join(sorted(set(reasons)))
            found.append(f"{group.name}: {len(reasons)} of {len(group.runs)} runs failed ({named})")
    return found


def _significant(differences: Sequence[TestedDifference]) -> list[str]:
    return [
        f"{d.group}: {d.metric} differs from the base (Bonferroni p = {d.p_bonferroni:.2g})"
        for d in differences
        if d.significant
    ]


def _misses(base: Group) -> list[str]:
    """Say which medians of the base seeds miss the goal."""
    complete = _complete(base)
    if not complete:
        return ["base: no complete run"]
    goals = {
        "log_prime_sse": SSE_GOAL,
        "sdg_h_norm_l2": H_NORM_GOAL,
        "sdg_h_norm_relative": RELATIVE_VIOLATION_GOAL,
    }
    medians = {name: float(np.median(_values(complete, name))) for name in goals}
    found = [
        f"base: median {name} {medians[name]:.4g} is not below {goal:g}"
        for name, goal in goals.items()
        if not medians[name] < goal
    ]
    resolved = complete[0].n_targets_resolved
    if resolved < N_TARGETS:
        found.append(f"base: {resolved} of {N_TARGETS} targets are resolved")
    return found
