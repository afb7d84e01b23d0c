"""Rule: the hunt has found nothing better for a long time."""

from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Evidence, Finding
from irer.search.history import GROWTH, History

SHARE = 0.85  # of the generations; a search at random stands still so long in 2 hunts of 100
FEWEST = 5  # generations


def standing_still(facts: HuntFacts) -> list[Finding]:
    """Return a finding where the hypervolume has not grown for most of the generations."""
    grown_in, last = _growth(facts)
    done = last - facts.plan.first_generation + 1
    still = last - grown_in
    if still < FEWEST or still < SHARE * done:
        return []
    return [
        Finding(
            rule="standing_still",
            words=f"The front has not grown for {still} of {done} generations: more of the same "
            "search is unlikely to find better runs.",
            because=f"{SHARE:.0%} of the generations or more, and at least {FEWEST}; growth below "
            f"{GROWTH:.1%} of the hypervolume counts as none.",
            threshold=SHARE,
            evidence=[
                Evidence(name="generations", value=done, source=facts.ledger),
                Evidence(name="generations without growth", value=still, source=facts.ledger),
            ],
            action=None,
        )
    ]


def _growth(facts: HuntFacts) -> tuple[int, int]:
    """Return the generation in which the hypervolume last grew, and the last one with a run."""
    history, volume = History(remembered=0), 0.0
    grown_in = last = facts.plan.first_generation
    for row in facts.rows:
        last = row.generation
        history.add(row)
        if history.hypervolume > volume * (1 + GROWTH):
            volume, grown_in = history.hypervolume, row.generation
    return grown_in, last
