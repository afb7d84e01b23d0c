"""The control hunt: random draws with the budget, the box and the seeds of a complete hunt.

It answers whether the sampler did better than chance. It has a home of its own,
`control_hunts/{hunt_id}`, so that nothing is learned from it; one that was killed goes on from its
files, a complete one is only read.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from irer.base.errors import ConflictError
from irer.base.files import write_json
from irer.base.hunt_records import HuntPlan
from irer.base.results import BestRun
from irer.base.seeds import generator
from irer.controls.complete_hunt import complete_hunt
from irer.controls.files import read_result
from irer.controls.fingerprint import sealed
from irer.controls.records import BesideRandom, ControlFigures, ControlReport
from irer.home import Home
from irer.home.home_ledger import rows_of_home
from irer.home.homelock import hold_home
from irer.home.ledger_row import LedgerRow
from irer.home.registry import load_plan, save_plan
from irer.hunt.control import HuntControl
from irer.hunt.observer import HuntObserver, RunHunt
from irer.search.beside_random import beside_random
from irer.search.hypervolume import Point, hypervolumes, in_decades
from settings import Settings


def hunt_to_control(home: Home) -> HuntPlan:
    """Return the home's hunt. Raises ConflictError unless it is complete and of another sampler."""
    plan = complete_hunt(home, "a control hunt repeats a complete hunt")
    if plan.sampler == "random":
        raise ConflictError(f"the hunt {plan.hunt_id} is one of random draws itself")
    return plan


def run(
    settings: Settings,
    run_hunt: RunHunt,
    new_id: Callable[[], str],
    observer: HuntObserver,
    control: HuntControl,
) -> ControlReport:
    """Run what is missing of the control hunt; return the comparison, kept in a file.

    Ends early when `control` says so; `complete` is false then. Raises as `run_hunt` and
    `hunt_to_control` do, ConflictError if another process works on it.
    """
    plan = hunt_to_control(settings.home)
    home = settings.home.control_hunt(plan.hunt_id)
    with hold_home(home):
        own = load_plan(home)
        if own is None:
            own = control_plan(plan, new_id())
            save_plan(home, own)
        if own.state != "Completed":
            # Only the best run's fields are kept.
            changed = settings.model_copy(update={"home": home, "keep_artifacts": "best:1"})
            run_hunt(plan=own, settings=changed, observer=observer, control=control)
        report = _report(settings.home, plan, home)
        write_json(settings.home.control_report_file(plan.hunt_id), report.model_dump(mode="json"))
    return report


def control_plan(plan: HuntPlan, hunt_id: str) -> HuntPlan:
    """Return the plan of the control hunt: its jobs have the seeds of the hunt's own jobs."""
    changes = {
        "hunt_id": hunt_id,
        "sampler": "random",
        # Those that were run: a rule may have ended the hunt early.
        "num_generations": plan.generation - plan.first_generation + 1,
        "polish_generations": 0,
        "max_wall_s": None,
        "max_stagnation": None,
        "generation": plan.first_generation,
        "job_uuids": (),
        "state": "Running",
        "message": None,
        "started_at": None,
        "ended_at": None,
    }
    return sealed(plan.model_copy(update=changes))


def _report(home: Home, plan: HuntPlan, own_home: Home) -> ControlReport:
    own = load_plan(own_home)
    complete = own is not None and own.state == "Completed"
    rows, own_rows = _rows(home, plan), _rows(own_home, own) if own else []
    return ControlReport(
        hunt_id=plan.hunt_id,
        complete=complete,
        sampler=plan.sampler,
        hunt=_figures(home, plan, rows),
        random=_figures(own_home, own, own_rows) if own else None,
        beside=_beside(rows, own_rows, plan) if complete else None,
    )


def _rows(home: Home, plan: HuntPlan) -> list[LedgerRow]:
    return [row for row in rows_of_home(home) if row.hunt_id == plan.hunt_id]


def _beside(
    rows: Sequence[LedgerRow], own_rows: Sequence[LedgerRow], plan: HuntPlan
) -> BesideRandom | None:
    rng = generator("reading", plan.seed, 1)
    found = beside_random(_candidates(rows), _candidates(own_rows), rng)
    return BesideRandom(**asdict(found)) if found else None


def _candidates(rows: Sequence[LedgerRow]) -> list[list[Point | None]]:
    """Return the runs of each candidate in decades, None for one without a score."""
    found: dict[str, list[Point | None]] = {}
    for row in rows:
        point = in_decades(*row.objectives) if row.objectives else None
        found.setdefault(row.candidate, []).append(point)
    return list(found.values())


def _figures(home: Home, plan: HuntPlan, rows: Sequence[LedgerRow]) -> ControlFigures:
    scored = [row.objectives for row in rows if row.objectives is not None]
    result = read_result(home, plan.hunt_id)
    best = result if isinstance(result, BestRun) else None
    return ControlFigures(
        runs=len(rows),
        scored=len(scored),
        hypervolume=max(hypervolumes([in_decades(*found) for found in scored]), default=0.0),
        smallest_log_prime_sse=min((sse for sse, _ in scored), default=None),
        best_fitness=best.fitness if best else None,
        recommended=best.recommended if best else None,
    )
