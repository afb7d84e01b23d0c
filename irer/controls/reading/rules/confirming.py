"""Rule: whether the best run can be confirmed, what would have to hold, and what it takes."""

from irer.base.fitness import scientific_verdict
from irer.base.goals import GOALS, N_TARGETS
from irer.base.records import Metrics
from irer.controls.cost import in_words
from irer.controls.reading.actions import confirm
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Evidence, Finding


def worth_confirming(facts: HuntFacts) -> list[Finding]:
    """Return a finding where a confirmation of the best run can pass and is not made."""
    return [found for found in _confirming(facts) if found.action and found.action.can_succeed]


def beyond_confirming(facts: HuntFacts) -> list[Finding]:
    """Return a finding where a confirmation of the best run cannot pass, with what it lacks."""
    return [found for found in _confirming(facts) if found.action and not found.action.can_succeed]


def _confirming(facts: HuntFacts) -> list[Finding]:
    best = facts.best
    if best is None or best.metrics is None or facts.report is not None:
        return []
    obstacles = obstacles_of(best.metrics)
    if facts.confirmation_problem:
        obstacles.append(facts.confirmation_problem)
    reached = scientific_verdict(best.metrics) == "reached" and not obstacles
    time = f", about {in_words(facts.confirmation_s)}" if facts.confirmation_s is not None else ""
    if reached:
        words = f"The best run reaches the goals. A confirmation tells whether it holds{time}."
    else:
        words = f"A confirmation of the best run cannot pass: {'; '.join(obstacles)}."
    file = facts.source(facts.home.provenance_file(best.job_uuid))
    return [
        Finding(
            rule="confirm",
            words=words,
            because="A confirmation needs a run that meets all four criteria of the verdict.",
            threshold=N_TARGETS,
            evidence=[
                Evidence(name=name, value=getattr(best.metrics, name), source=file)
                for name in (*GOALS, "n_targets_resolved")
            ],
            action=confirm(facts, best.job_uuid, can_succeed=reached),
        )
    ]


def obstacles_of(metrics: Metrics) -> list[str]:
    """Return what keeps a run from reaching the goals, a clause each."""
    found = []
    if metrics.n_targets_resolved < N_TARGETS:
        found.append(f"{metrics.n_targets_resolved} of {N_TARGETS} targets are resolved")
    for name, goal in GOALS.items():
        value = getattr(metrics, name)
        if not value < goal:
            found.append(f"{name} is {value:.3g}, not below {goal:g}")
    return found
