"""Small hunts for the tests of the hunter and the engine."""

import csv
from pathlib import Path
from typing import Any

import core_engine
from irer.base.files import read_json
from irer.base.hunt_records import HuntOrder, HuntPlan
from settings import Settings, load
from tests.canned import CannedRunner


def home(path: Path, **overrides: Any) -> Settings:
    return load(home=path, **overrides)


def order(**changes: Any) -> HuntOrder:
    return HuntOrder(**({"num_generations": 3, "population_size": 4, "seed": 11} | changes))


def run_canned(settings: Settings, plan: HuntPlan | None = None, **given: Any) -> dict[str, Any]:
    """Run a hunt on the canned runner, of `plan` or of the small order above."""
    plan = plan or core_engine.plan_hunt(order(), settings)
    runner = given.pop("runner", None) or CannedRunner(settings)
    return core_engine.execute_hunt(plan=plan, settings=settings, runner=runner, **given)


def ledger(settings: Settings) -> list[dict[str, str]]:
    if not settings.home.ledger_file.exists():
        return []
    with settings.home.ledger_file.open(newline="") as file:
        return list(csv.DictReader(file))


def ledger_bar_names(settings: Settings) -> list[dict[str, str]]:
    """The ledger without what differs between equal hunts: times, and uuids but for a place."""
    named = {"job_uuid", "hunt_id", "seconds", "started_at", "ended_at"}
    rows = ledger(settings)
    places = {row["job_uuid"]: f"{row['generation']}-{row['index']}" for row in rows}
    rows = [row | {"candidate": places.get(row["candidate"])} for row in rows]
    return [{k: v for k, v in row.items() if k not in named} for row in rows]


def hunt_state(settings: Settings) -> str:
    return read_json(settings.home.hunt_file)["state"]
