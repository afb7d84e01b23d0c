"""Rules: what is not known about a hunt, and how to find out."""

from irer.controls.cost import in_words
from irer.controls.reading.actions import DECOY_HUNTS, decoy_hunts, measure_sensitivity
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Evidence, Finding
from irer.search.significance import ALPHA

FEWEST_DECOYS = 20  # with 19 the smallest p_hunt is 0.05, which is not below it


def unknown_chance(facts: HuntFacts) -> list[Finding]:
    """Return a finding while there are too few decoy hunts to tell the hunt from chance."""
    n = len(facts.decoy_bests)
    if facts.best is None or not facts.complete or n >= FEWEST_DECOYS:
        return []
    action = decoy_hunts(facts)
    file = facts.source(facts.home.null_report_file(facts.plan.hunt_id))
    have = f"{n} decoy hunts are too few to tell" if n else "No decoy hunt was run to tell"
    time = f" ({in_words(action.seconds)})" if action.seconds is not None else ""
    return [
        Finding(
            rule="chance",
            words=f"{have} whether the best run is more than chance gives; {DECOY_HUNTS} are "
            f"enough{time}.",
            because=f"p_hunt can fall below {ALPHA:g} from {FEWEST_DECOYS} decoy hunts on.",
            threshold=FEWEST_DECOYS,
            evidence=[Evidence(name="decoy hunts", value=n, source=file)],
            action=action,
        )
    ]


def unknown_sensitivity(facts: HuntFacts) -> list[Finding]:
    """Return a finding while nobody has measured what the hunt would have seen."""
    if facts.best is None or not facts.complete or facts.sensitivity is not None:
        return []
    action = measure_sensitivity(facts)
    time = f" It takes about {in_words(action.seconds)}." if action.seconds is not None else ""
    file = facts.source(facts.home.sensitivity_file(facts.plan.hunt_id))
    return [
        Finding(
            rule="sensitivity",
            words=f"How weak a comb of lines this hunt would have seen is not measured.{time}",
            because="No file of the hunt's sensitivity is there.",
            threshold=1,
            evidence=[Evidence(name="sensitivity files", value=0, source=file)],
            action=action,
        )
    ]
