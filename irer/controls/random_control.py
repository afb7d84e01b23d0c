"""The control hunt: random draws with the budget, the box and the seeds of a complete hunt.

It answers whether the sampler did better than chance. It has a home of its own,
`control_hunts/{hunt_id}`, so that nothing is learned from it; one that was killed goes on from its
files, a complete one is only read.
"""

from collections.abc import Callable

from irer.base.errors import ConflictError
from irer.base.files import write_json
from irer.base.hunt_records import HuntPlan
from irer.base.results import BestRun
from irer.controls.complete_hunt import complete_hunt
from irer.controls.fingerprint import sealed
from irer.controls.kept_hunts import read_result
from irer.controls.records import ControlFigures, ControlReport
from irer.home import Home
from irer.home.home_ledger import rows_of_home
from irer.home.homelock import hold_home
from irer.home.registry import load_plan, save_plan
from irer.hunt.control import HuntControl
from irer.hunt.observer import HuntObserver, RunHunt
from irer.search.hypervolume import hypervolumes, in_decades
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
    return ControlReport(
        hunt_id=plan.hunt_id,
        complete=own is not None and own.state == "Completed",
        sampler=plan.sampler,
        hunt=_figures(home, plan),
        random=_figures(own_home, own) if own else None,
    )


def _figures(home: Home, plan: HuntPlan) -> ControlFigures:
    rows = [row for row in rows_of_home(home) if row.hunt_id == plan.hunt_id]
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
