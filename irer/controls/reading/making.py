"""Makes the reading of a hunt and keeps it in the hunt's folder."""

import logging

from irer.base.errors import IrerError
from irer.base.files import write_json
from irer.base.goals import GOALS, N_TARGETS, GoalName
from irer.base.hunt_records import HuntPlan
from irer.base.record_files import find_record
from irer.base.records import Bounds
from irer.controls.reading.chance import chance_of
from irer.controls.reading.facts import HuntFacts, facts_of
from irer.controls.reading.reading_records import BestReading, Chance, Gauge, Reading
from irer.controls.reading.rules import RULES
from irer.controls.reading.sentence import sentence_of
from irer.home import Home
from irer.home.registry import load_kept_plan

_log = logging.getLogger("irer.engine.reading")


def reading_of(facts: HuntFacts) -> Reading:
    """Return what the facts mean."""
    chance = chance_of(facts)
    seen = facts.sensitivity.main if facts.sensitivity else None
    return Reading(
        hunt_id=facts.plan.hunt_id,
        measure_version=facts.plan.measure_version,
        complete=facts.complete,
        n_runs=len(facts.rows),
        n_with_score=len(facts.scored),
        verdict=facts.verdict.scientific if facts.verdict else None,
        sentence=sentence_of(facts, chance),
        best=_best(facts, chance),
        recommended=facts.recommended,
        variance_share=dict(facts.variance_share),
        chance=chance,
        a95=seen.a95 if seen else None,
        upper_limit=seen.upper_limit if seen else None,
        findings=[finding for rule in RULES for finding in rule(facts)],
    )


def make_reading(home: Home, plan: HuntPlan, workers: int | None = None) -> Reading:
    """Make the reading of a hunt and write it. Raises ContractError, StorageError."""
    found = reading_of(facts_of(home, plan, workers))
    write_json(home.reading_file(plan.hunt_id), found.model_dump(mode="json"))
    return found


def read_reading(home: Home, hunt_id: str) -> Reading | None:
    """Return the kept reading of a hunt, None without one. Raises ContractError."""
    return find_record(Reading, home.reading_file(hunt_id), "the reading")


def kept_or_made(home: Home, plan: HuntPlan, workers: int | None = None) -> Reading:
    """Return the kept reading of a hunt, else make one and write nothing. Raises ContractError.

    Hunts of earlier versions have none, or one that knows less.
    """
    kept = read_reading(home, plan.hunt_id)
    if kept is not None and kept.schema_version == Reading.model_fields["schema_version"].default:
        return kept
    return reading_of(facts_of(home, plan, workers))


def renew_reading(home: Home, hunt_id: str) -> None:
    """Make a hunt's reading anew after one of its controls; a broken file leaves it as it is."""
    try:
        plan = load_kept_plan(home, hunt_id)
        if plan is not None:
            make_reading(home, plan)
    except IrerError as error:
        _log.warning("the reading of hunt %s is not renewed: %s", hunt_id, error.message)


def _best(facts: HuntFacts, chance: Chance | None) -> BestReading | None:
    if facts.best is None or facts.best.metrics is None:
        return None
    metrics = facts.best.metrics
    gauges = [
        Gauge(
            name=name,
            value=value,
            goal=goal,
            met=value < goal,
            band=_band(facts, name),
            chance=chance.band if chance and name == "log_prime_sse" else None,
        )
        for name, goal in GOALS.items()
        for value in (getattr(metrics, name),)
    ]
    resolved = metrics.n_targets_resolved
    met = resolved == N_TARGETS
    gauges.append(
        Gauge(name="n_targets_resolved", value=resolved, goal=N_TARGETS, met=met, band=None)
    )
    return BestReading(job_uuid=facts.best.job_uuid, gauges=gauges)


def _band(facts: HuntFacts, name: GoalName) -> Bounds | None:
    """Return the smallest and largest value over the confirmation's fresh seeds."""
    spread = facts.report.group("own_settings").spread.get(name) if facts.report else None
    return (spread.min, spread.max) if spread else None
