"""From the runs of a confirmation to its outcome (docs/controls.md)."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from irer.base.goals import (
    GOALS,
    GROUP_NAMES,
    MEASURE_VERSION,
    METRICS,
    N_TARGETS,
    NO_SCORE,
    NO_SCORE_WORDS,
    ConfirmationOutcome,
    GoalName,
    GroupName,
    why_no_score,
)
from irer.base.records import Metrics, Provenance
from irer.controls.comparing import compare
from irer.controls.records import (
    Comparison,
    ConfirmationReport,
    Discovery,
    JudgedGroup,
    Pooled,
    Replicate,
    Spread,
)

MOST_MISSES = 1  # runs of a group that may miss a goal


def assess(
    discovery: Provenance, runs: Mapping[GroupName, Sequence[Provenance]], pooled: Pooled | None
) -> ConfirmationReport:
    """Return the report on a confirmation all of whose runs have ended."""
    if discovery.metrics is None:
        raise ValueError("the discovery has no metrics")
    groups = [judge_group(name, records) for name, records in runs.items()]
    own, *refinements = groups
    comparisons = [
        found
        for group in refinements
        for metric in METRICS
        if (found := compare(own, group, metric))
    ]
    return ConfirmationReport(
        measure_version=MEASURE_VERSION,
        job_uuid=discovery.job_uuid,
        hunt_id=discovery.hunt_id,
        discovery=Discovery(
            global_seed=discovery.global_seed,
            simulation=discovery.simulation,
            metrics=discovery.metrics,
        ),
        groups=groups,
        comparisons=comparisons,
        pooled=pooled,
        outcome=_outcome(groups, comparisons),
        findings=[*_against(groups), *_told(comparisons)],
    )


def _outcome(
    groups: Sequence[JudgedGroup], comparisons: Sequence[Comparison]
) -> ConfirmationOutcome:
    """Not passed if anything is known to be wrong; unresolved if only scatter is in the way."""
    found = {comparison.outcome for comparison in comparisons}
    if not all(group.holds for group in groups) or "different" in found:
        return "not passed"
    return "unresolved" if "unresolved" in found else "passed"


def judge_group(name: GroupName, records: Sequence[Provenance]) -> JudgedGroup:
    """Return a group with its findings, which do not depend on the other groups."""
    complete = [record.metrics for record in records if record.metrics]
    spreads = {metric: spread(_values(complete, metric)) for metric in GOALS if complete}
    findings = [*_failed(records), *_without_score(complete), *_off_goal(complete, spreads)]
    return JudgedGroup(
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
        spread=spreads,
        holds=not findings,
        findings=findings,
    )


def spread(values: Sequence[float]) -> Spread:
    """Return mean, sample standard deviation, median and range of at least one value."""
    return Spread(
        n=len(values),
        mean=statistics.fmean(values),
        std=float(np.std(values, ddof=1)) if len(values) > 1 else None,
        median=statistics.median(values),
        min=min(values),
        max=max(values),
    )


def _values(metrics: Sequence[Metrics], name: str) -> list[float]:
    return [getattr(found, name) for found in metrics]


def _failed(records: Sequence[Provenance]) -> list[str]:
    reasons = [record.error.reason.value for record in records if record.error]
    if not reasons:
        return []
    named = ", ".join(sorted(set(reasons)))
    return [f"{len(reasons)} of {len(records)} runs failed ({named})"]


def _without_score(complete: Sequence[Metrics]) -> list[str]:
    """Say which runs have no score or unresolved targets, and why."""
    counts = Counter(why_no_score(metrics) for metrics in complete)
    found = [
        f"{counts[why]} of {len(complete)} runs: {NO_SCORE_WORDS[why]}"
        for why in NO_SCORE
        if counts[why]
    ]
    unresolved = sum(metrics.n_targets_resolved < N_TARGETS for metrics in complete)
    if unresolved:
        found.append(f"{unresolved} of {len(complete)} runs do not resolve all {N_TARGETS} targets")
    return found


def _off_goal(complete: Sequence[Metrics], spreads: Mapping[GoalName, Spread]) -> list[str]:
    """Say which goals the median misses, or more than one run."""
    found = []
    for name, spread_of in spreads.items():
        goal, median = GOALS[name], spread_of.median
        met = sum(value < goal for value in _values(complete, name))
        least = len(complete) - MOST_MISSES
        if not median < goal:
            found.append(f"median {name} {median:.4g} is not below {goal:g}")
        elif met < least:
            found.append(
                f"{name} is below {goal:g} in {met} of {len(complete)} runs, "
                f"at least {least} must be"
            )
    return found


def _against(groups: Sequence[JudgedGroup]) -> list[str]:
    """Say why each failing group does not hold, one line a group."""
    return [
        f"{GROUP_NAMES[group.name]}: {'; '.join(group.findings)}"
        for group in groups
        if group.findings
    ]


def _told(comparisons: Sequence[Comparison]) -> list[str]:
    """Say which comparisons keep the confirmation from passing."""
    found = []
    for c in comparisons:
        name, interval = GROUP_NAMES[c.group], f"[{c.low:.3g}, {c.high:.3g}]"
        what = "ratio to" if c.metric == "sdg_h_norm_l2" else "difference from"
        numbers = f"{what} the own settings {c.estimate:.3g}, 90% interval {interval}"
        allowed = f"allowed {c.limits[0]:g} to {c.limits[1]:g}"
        if c.outcome == "different":
            found.append(f"{name}: {c.metric} differs ({numbers}, {allowed})")
        elif c.outcome == "unresolved":
            found.append(
                f"{name}: whether {c.metric} agrees is unresolved: the seeds scatter too much "
                f"({numbers}, {allowed})"
            )
    return found
