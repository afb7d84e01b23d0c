"""Rule: whether the score depends on the parameters, on which of them, and how much."""

from collections.abc import Mapping

import numpy as np

from irer.base.hunt_records import VarianceShare
from irer.base.seeds import generator
from irer.controls.reading.actions import hunt_again
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Action, Evidence, Finding
from irer.home.ledger_row import LedgerRow
from irer.search.dependence import p_of_parameters

LITTLE = 0.25  # of the variance: a share that lies below this is little
LEVEL = 0.01  # of a parameter's p, corrected for their number
FEWEST = 30  # candidates with a score, from which dependence is told
NEWEST = 2000  # runs that are looked at
SEEDS = 2  # of each candidate, in the hunt that is proposed
SCORE = "log_prime_sse"


def decided_by_parameters(facts: HuntFacts) -> list[Finding]:
    """Return a finding where candidates were repeated, so that the parameters' share is known."""
    share = facts.variance_share.get(SCORE)
    if share is None:
        return []
    p = p_by_parameter(facts)
    if share.high < LITTLE:
        head, action = "The score hardly depends on the parameters", None
    elif share.low > 0 and (not p or _named(p)):
        head, action = f"The score depends on the parameters{_named(p)}", None
    else:
        head, action = "Whether the score depends on the parameters is open", _repeated(facts)
    words = (
        f"{head}: among the {share.candidates} candidates that were repeated they decide "
        f"{share.share:.0%} of the variance of {SCORE}, with {share.level:.0%} confidence "
        f"{share.low:.0%} to {share.high:.0%}; the seed's luck decides the rest."
    )
    return [_finding(facts, words, p, share, action)]


def unknown_share(facts: HuntFacts) -> list[Finding]:
    """Return a finding while no candidates were repeated to tell parameters from luck."""
    searched = facts.complete and facts.plan.search_space
    if facts.best is None or not searched or SCORE in facts.variance_share:
        return []
    p = p_by_parameter(facts)
    words = (
        "How much of the score the parameters decide, and how much the seed's luck, is not known: "
        "too few candidates ran under several seeds."
    )
    if shown := _named(p):
        words += f" It does depend on them{shown}."
    return [_finding(facts, words, p, None, _repeated(facts))]


def p_by_parameter(facts: HuntFacts) -> Mapping[str, float]:
    """Return p of no dependence for each searched parameter; nothing of too few candidates."""
    groups: dict[str, list[LedgerRow]] = {}
    for row in facts.scored[-NEWEST:]:
        groups.setdefault(row.candidate, []).append(row)
    first = [group[0] for group in groups.values()]
    names = list(facts.plan.search_space)
    if len(first) < FEWEST or not names:
        return {}
    x = np.array([[getattr(row.params, name) for name in names] for row in first])
    y = np.array([np.mean([_score(row) for row in group]) for group in groups.values()])
    generations = np.array([row.generation for row in first])
    p = p_of_parameters(x, y, generations, generator("reading", facts.plan.seed, 2))
    return dict(zip(names, p.tolist(), strict=True))


def _score(row: LedgerRow) -> float:
    return row.objectives[0] if row.objectives else float("nan")


def _named(p: Mapping[str, float]) -> str:
    found = [name for name, value in p.items() if value < LEVEL]
    return f", as far as can be told on {' and '.join(found)} alone" if found else ""


def _repeated(facts: HuntFacts) -> Action:
    seeds = max(SEEDS, facts.plan.seeds_per_candidate)
    return hunt_again(facts, f"Run each candidate {seeds} times", {"seeds_per_candidate": seeds})


def _finding(
    facts: HuntFacts,
    words: str,
    p: Mapping[str, float],
    share: VarianceShare | None,
    action: Action | None,
) -> Finding:
    verdict = facts.source(facts.home.verdict_file(facts.plan.hunt_id))
    known = {} if share is None else share.model_dump()
    evidence = [Evidence(name=name, value=value, source=verdict) for name, value in known.items()]
    evidence += [
        Evidence(name=f"p of {name}", value=value, source=facts.ledger) for name, value in p.items()
    ]
    return Finding(
        rule="parameters",
        words=words,
        because=f"The parameters decide little where the whole interval lies below {LITTLE:.0%}. "
        "One of them counts where the scores follow it more than shuffled scores do in all but "
        f"{LEVEL:.0%} of trials.",
        threshold=LITTLE,
        evidence=evidence,
        action=action,
    )
