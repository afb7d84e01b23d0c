"""The one sentence of a reading: templates filled with numbers, never stronger than the verdict."""

from irer.base import goals
from irer.controls.cost import in_words
from irer.controls.reading.actions import DECOY_HUNTS, decoy_hunts
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Chance
from irer.controls.unscored import count_unscored, words_on_unscored
from irer.search.significance import ALPHA

_WORDS = {
    "confirmed": "Confirmed",
    "reached": "Reached, not confirmed",
    "not reached": "Not reached",
}


def sentence_of(facts: HuntFacts, chance: Chance | None) -> str:
    """Return what the hunt has come to: the verdict, chance, and what would have been seen."""
    if not facts.rows:
        return "No run has ended yet."
    if facts.best is None or facts.best.metrics is None or facts.verdict is None:
        return words_on_unscored(*count_unscored(facts.rows)) or "No run has a score."
    word = _WORDS[facts.verdict.scientific]
    if not facts.complete:
        done, total = len(facts.rows), facts.plan.total_jobs
        word = f"{facts.plan.state}, {done} of {total} runs done. So far: {word.lower()}"
    score = facts.best.metrics.log_prime_sse
    parts = [f"{word}.", _beside_chance(facts, score, chance), _seen(facts)]
    return " ".join(part for part in parts if part)


def _beside_chance(facts: HuntFacts, score: float, chance: Chance | None) -> str:
    head = f"The best run's score is {score:.3f}, the goal below {goals.SSE_GOAL:g}"
    if chance is None:
        seconds = decoy_hunts(facts).seconds
        time = f", in about {in_words(seconds)}" if seconds is not None else ""
        return (
            f"{head}. What chance gives is not known: {DECOY_HUNTS} decoy hunts would tell{time}."
        )
    found = f"{chance.n} decoy hunts"
    if chance.low is not None and chance.high is not None:
        found += f": {chance.low:.2f} to {chance.high:.2f}"
    found += f"; as good in {chance.as_good:.0%}"
    if (1 / (1 + chance.n)) >= ALPHA:
        return f"{head} ({found}: too few to tell it from chance)."
    if chance.p_hunt >= ALPHA:
        return f"{head}, which is what chance gives ({found})."
    corrected = f", {chance.p_holm:.2g} over {chance.n_hunts} hunts" if chance.n_hunts > 1 else ""
    return f"{head} ({found}; p_hunt {chance.p_hunt:.2g}{corrected})."


def _seen(facts: HuntFacts) -> str:
    if facts.sensitivity is None:
        seconds = facts.sensitivity_s
        time = f": that takes about {in_words(seconds)}" if seconds is not None else ""
        return f"How weak a comb of lines it would have seen is not measured{time}."
    a95 = facts.sensitivity.main.a95
    if a95 is None:
        highest = facts.sensitivity.heights[-1]
        return f"A comb of lines {highest:g} times the background need not have been seen."
    return f"A comb of lines {a95:.2g} times the background would have been seen (95%)."
