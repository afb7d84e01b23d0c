"""Whether a control of a hunt can be begun now; why not, where it cannot."""

from irer.base.errors import ConflictError
from irer.base.goals import MEASURE_VERSION
from irer.base.hunt_records import HuntPlan
from irer.controls.complete_hunt import complete_hunt
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


def hunt_that_counts(home: Home) -> HuntPlan:
    """Return the home's complete hunt.

    Raises ConflictError unless it is complete, of this version of the measure, and has a run with a
    score; ContractError for a broken file.
    """
    plan = load_plan(home)
    if plan is not None and plan.measure_version != MEASURE_VERSION:
        raise ConflictError(
            f"the hunt {plan.hunt_id} was begun with version {plan.measure_version} of the "
            f"measure, this program has version {MEASURE_VERSION}"
        )
    plan = complete_hunt(home, "this is for a complete hunt")
    _counted(home, plan)
    return plan


def refuse_without_fields(home: Home) -> None:
    """Raise ConflictError unless some run that counts has its fields. Raises as above."""
    plan = hunt_that_counts(home)
    rows = _counted(home, plan)
    if not any(home.artifact_file(row.job_uuid).exists() for row in rows):
        raise ConflictError(
            f"the fields of all {len(rows)} runs of the hunt {plan.hunt_id} that count are gone "
            "(keep_artifacts)"
        )


def _counted(home: Home, plan: HuntPlan) -> list[LedgerRow]:
    from irer.controls.hunt_spectra import counted_rows  # it imports h5py: not for the hub's start

    return counted_rows(home, plan)
