"""Makes the reading of a hunt and keeps it in the hunt's folder."""

import logging

from irer.base.errors import IrerError
from irer.base.files import write_json
from irer.base.goals import H_NORM_GOAL, N_TARGETS, RELATIVE_VIOLATION_GOAL, SSE_GOAL
from irer.base.hunt_records import HuntPlan
from irer.base.record_files import find_record
from irer.base.records import Bounds
from irer.controls.reading.chance import chance_of
from irer.controls.reading.facts import HuntFacts, facts_of
from irer.controls.reading.reading_records import BestReading, Gauge, Reading
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
        best=_best(facts),
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

    Hunts of earlier versions have none.
    """
    return read_reading(home, plan.hunt_id) or reading_of(facts_of(home, plan, workers))


def renew_reading(home: Home, hunt_id: str) -> None:
    """Make a hunt's reading anew after one of its controls; a broken file leaves it as it is."""
    try:
        plan = load_kept_plan(home, hunt_id)
        if plan is not None:
            make_reading(home, plan)
    except IrerError as error:
        _log.warning("the reading of hunt %s is not renewed: %s", hunt_id, error.message)


def _best(facts: HuntFacts) -> BestReading | None:
    if facts.best is None or facts.best.metrics is None:
        return None
    metrics = facts.best.metrics
    gauges = [
        Gauge(name="log_prime_sse", value=metrics.log_prime_sse, goal=SSE_GOAL,
              met=metrics.log_prime_sse < SSE_GOAL, band=_band(facts, "log_prime_sse")),
        Gauge(name="sdg_h_norm_l2", value=metrics.sdg_h_norm_l2, goal=H_NORM_GOAL,
              met=metrics.sdg_h_norm_l2 < H_NORM_GOAL, band=_band(facts, "sdg_h_norm_l2")),
        Gauge(name="sdg_h_norm_relative", value=metrics.sdg_h_norm_relative,
              goal=RELATIVE_VIOLATION_GOAL,
              met=metrics.sdg_h_norm_relative < RELATIVE_VIOLATION_GOAL,
              band=_band(facts, "sdg_h_norm_relative")),
        Gauge(name="n_targets_resolved", value=metrics.n_targets_resolved, goal=N_TARGETS,
              met=metrics.n_targets_resolved == N_TARGETS, band=None),
    ]  # fmt: skip
    return BestReading(job_uuid=facts.best.job_uuid, gauges=gauges)


def _band(facts: HuntFacts, name: str) -> Bounds | None:
    """Return the smallest and largest value over the confirmation's fresh seeds."""
    if facts.report is None:
        return None
    spread = {str(key): value for key, value in facts.report.group("base").spread.items()}
    return (spread[name].min, spread[name].max) if name in spread else None
