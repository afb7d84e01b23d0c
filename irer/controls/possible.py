"""Whether a control of a hunt can be begun now; why not, where it cannot."""

from irer.base.errors import ConflictError
from irer.base.hunt_records import HuntPlan
from irer.controls.complete_hunt import complete_hunt
from irer.controls.counted import counted_rows, refuse_without_fields
from irer.home import Home
from irer.home.ledger_row import LedgerRow
from irer.home.registry import load_plan


def refuse_another_hunt(home: Home, hunt_id: str) -> None:
    """Raise ConflictError unless a hunt is the home's current one, as controls are of that alone.

    Raises ContractError for a broken file.
    """
    plan = load_plan(home)
    if plan is None or plan.hunt_id != hunt_id:
        now = f"; that is {plan.hunt_id} by now" if plan else ""
        raise ConflictError(f"the hunt {hunt_id} is not the last hunt of the home{now}")


def hunt_that_counts(home: Home) -> tuple[HuntPlan, list[LedgerRow]]:
    """Return the home's complete hunt and the rows of its runs that count.

    Raises ConflictError unless it is complete, of this version of the measure, and has a run with a
    score; ContractError for a broken file or a design that was changed.
    """
    plan = complete_hunt(home, "this is for a complete hunt")
    return plan, counted_rows(home, plan)


def refuse_hunt_without_fields(home: Home) -> None:
    """Raise ConflictError, too, unless some run that counts has its fields."""
    plan, rows = hunt_that_counts(home)
    refuse_without_fields(home, plan, [row.job_uuid for row in rows])
