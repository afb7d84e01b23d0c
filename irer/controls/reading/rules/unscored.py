"""Rule: a share of the runs has no score, because of the grid, the step or the length of runs."""

from irer.base.goals import NO_SCORE_WORDS, NoScore
from irer.base.jobs import INFRASTRUCTURE
from irer.base.records import FailureReason
from irer.controls.reading.actions import rescore, simulation_with
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Action, Evidence, Finding
from irer.controls.unscored import count_unscored

SHARE = 0.1  # of the runs; fewer is what the edges of a search space give
FEWEST = 3  # runs
_STEP = {FailureReason.STEP_FAILURE}


def runs_without_score(facts: HuntFacts) -> list[Finding]:
    """Return a finding for each reason that takes the score of a tenth of the runs or more."""
    total, unscored, failed = count_unscored(facts.rows)
    found = [
        _finding(facts, NO_SCORE_WORDS[why], why, n, total, _cure(facts, why))
        for why, n in unscored.most_common()
        if _many(n, total)
    ]
    by_step = sum(n for reason, n in failed.items() if reason in _STEP)
    if _many(by_step, total):
        cure = simulation_with(facts, "dt", facts.plan.simulation.dt / 2)
        words = "the step did not hold its tolerance"
        found.append(_finding(facts, words, "STEP_FAILURE", by_step, total, cure))
    by_machine = sum(n for reason, n in failed.items() if reason in INFRASTRUCTURE)
    if _many(by_machine, total):
        words = "a process crashed or met a limit; the log says which"
        found.append(_finding(facts, words, "crash or limit", by_machine, total, None))
    return found


def _many(n: int, total: int) -> bool:
    return n >= FEWEST and n >= SHARE * total


def _cure(facts: HuntFacts, why: NoScore) -> Action | None:
    simulation = facts.plan.simulation
    if why == "transient":
        return simulation_with(facts, "T_steps", 2 * simulation.T_steps)
    if why == "under_resolved":
        return simulation_with(facts, "N_grid", 2 * simulation.N_grid)
    if why == "floor_limited" and simulation.precision == "float32":
        return simulation_with(facts, "precision", "float64")
    return rescore(facts) if why == "other_measure" else None


def _finding(
    facts: HuntFacts, words: str, name: str, n: int, total: int, action: Action | None
) -> Finding:
    return Finding(
        rule="unscored",
        words=f"{n} of {total} runs have no score: {words}.",
        because=f"{SHARE:.0%} of the runs or more, and at least {FEWEST}.",
        threshold=SHARE,
        evidence=[
            Evidence(name="runs", value=total, source=facts.ledger),
            Evidence(name=f"of them {name}", value=n, source=facts.ledger),
        ],
        action=action,
    )
