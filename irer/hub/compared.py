"""Two hunts beside each other: the errors of their runs in order, with what chance gave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from irer.base.hunt_records import HuntPlan
from irer.home import Home
from irer.home.home_ledger import rows_of_home
from irer.home.registry import load_plan
from irer.hub.hub import Hub

# SSE and constraint violation of each run, in (generation, index) order; None: it has no score.
Errors = Sequence[tuple[float, float] | None]

MOST_ROWS = 200_000  # of decoy hunts, which are read from their ledgers at each call
_NO_SETTINGS = {  # of a plan: its ids, its progress, what is compared by its parts
    "schema_version", "hunt_id", "first_generation", "generation", "job_uuids", "state", "message",
    "started_at", "ended_at", "design_sha256", "simulation", "fixed_params", "search_space",
}  # fmt: skip


@dataclass(frozen=True)
class ComparedHunt:
    """One of the hunts, with its control hunt of random draws and its decoy hunts, if any."""

    name: str
    runs: Errors
    random: Errors
    decoys: Sequence[Errors]


def compared_hunt(hub: Hub, hunt_id: str) -> ComparedHunt:
    """Return what is drawn of a hunt. Raises ContractError for a broken file of a control."""
    home = hub.settings.home
    runs = [
        (run.log_prime_sse or 0.0, run.constraint_violation or 0.0)
        if run.fitness is not None
        else None
        for run in hub.index.runs(hunt_id)
    ]
    name = hub.kept.label(hunt_id).name or hunt_id[:8]
    return ComparedHunt(name, runs, _errors(home.control_hunt(hunt_id)), [*_decoys(home, hunt_id)])


def _decoys(home: Home, hunt_id: str) -> Iterator[Errors]:
    """Yield the errors of each complete decoy hunt, as far as MOST_ROWS goes."""
    read = 0
    for number in sorted(home.null_hunt_numbers(hunt_id, "decoys")):
        own = home.null_hunt(hunt_id, "decoys", number)
        plan = load_plan(own)
        if plan is None or plan.state != "Completed":
            continue
        read += plan.total_jobs
        if read > MOST_ROWS:
            return
        yield _errors(own)


def _errors(home: Home) -> Errors:
    if not home.ledger_file.exists():
        return []
    return [row.objectives for row in rows_of_home(home)]


def differences(plans: Sequence[HuntPlan | None]) -> dict[str, list[Any]]:
    """Return the settings that are not the same in all plans, by name, a value for each plan."""
    columns = [_settings(plan) if plan else {} for plan in plans]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = {name: [column.get(name) for column in columns] for name in names}
    return {name: row for name, row in rows.items() if any(value != row[0] for value in row)}


def _settings(plan: HuntPlan) -> dict[str, Any]:
    """Return a plan's settings by name; a searched parameter has its range."""
    own = plan.model_dump(mode="json", exclude=_NO_SETTINGS)
    points = own.pop("points", ())
    simulation = plan.simulation.model_dump(mode="json")
    params = plan.fixed_params.model_dump()
    params |= {name: list(ends) for name, ends in plan.search_space.items()}
    return (
        own
        | {"points": len(points)}
        | {f"simulation.{name}": value for name, value in simulation.items()}
        | {f"params.{name}": value for name, value in params.items()}
    )
