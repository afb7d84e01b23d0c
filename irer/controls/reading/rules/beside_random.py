"""Rule: whether the search found more than as many random draws, and by how much."""

from irer.controls.cost import in_words
from irer.controls.reading.actions import random_control
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Evidence, Finding
from irer.controls.records import BesideRandom, ControlReport

LEVEL = 0.01  # on either side: two hunts at random differ by so much in 2 of 100 comparisons


def better_than_random(facts: HuntFacts) -> list[Finding]:
    """Return a finding where a control hunt of random draws is complete."""
    report = facts.control
    if report is None or report.beside is None or report.random is None:
        return []
    ours, theirs, found = report.hunt, report.random, report.beside
    file = facts.source(facts.home.control_report_file(facts.plan.hunt_id))
    numbers = {
        "hypervolume": ours.hypervolume,
        "hypervolume of the control hunt": theirs.hypervolume,
        "difference": found.difference,
        "5% of shuffles": found.low,
        "95% of shuffles": found.high,
        "p of better": found.p_better,
        "p of worse": found.p_worse,
        "runs of the control hunt": theirs.runs,
    }
    return [
        Finding(
            rule="random",
            words=f"{_compared(found)}: its front covers {ours.hypervolume:.3f} square decades, "
            f"that of {theirs.runs} random draws {theirs.hypervolume:.3f}. The difference is "
            f"{found.difference:+.3f}; shuffling the runs of both gives {found.low:+.3f} to "
            f"{found.high:+.3f}.",
            because=f"Better, or worse, where less than {LEVEL:.0%} of the shuffles differ as much "
            "to that side; the range is that of 5 to 95% of them.",
            threshold=LEVEL,
            evidence=[
                Evidence(name=name, value=value, source=file) for name, value in numbers.items()
            ],
            action=None,
        )
    ]


def _compared(found: BesideRandom) -> str:
    if found.p_better < LEVEL:
        return "The search did better than random draws"
    if found.p_worse < LEVEL:
        return "The search did worse than random draws"
    return "The search did no better than random draws, as far as can be told"


def unknown_random(facts: HuntFacts) -> list[Finding]:
    """Return a finding while nobody knows whether the search is better than random draws."""
    report, plan = facts.control, facts.plan
    known = report is not None and report.beside is not None
    if known or plan.sampler == "random" or not plan.search_space:
        return []
    if facts.best is None or not facts.complete:
        return []
    action = random_control(facts)
    time = f" ({in_words(action.seconds)})" if action.seconds is not None else ""
    file = facts.source(facts.home.control_report_file(plan.hunt_id))
    return [
        Finding(
            rule="random",
            words="Whether the search did better than random draws is not known: "
            f"{_what_there_is(report)}{time}.",
            because="No complete control hunt is there.",
            threshold=1,
            evidence=[Evidence(name="complete control hunts", value=0, source=file)],
            action=action,
        )
    ]


def _what_there_is(report: ControlReport | None) -> str:
    if report is None:
        return "a control hunt of as many random draws tells"
    return "the control hunt is not complete, or of an earlier version; asked again it goes on"
