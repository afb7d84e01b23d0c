"""The hunt of a home that a control judges: it must be complete."""

from irer.base.errors import ConflictError
from irer.base.hunt_records import HuntPlan
from irer.controls.fingerprint import check_design
from irer.home import Home
from irer.home.registry import load_plan


def complete_hunt(home: Home, need: str) -> HuntPlan:
    """Return the home's hunt; the error says, by `need`, what a complete hunt is needed for.

    Raises ConflictError unless it is complete and of this version of the measure, ContractError if
    its objective, bounds or thresholds have changed since it began.
    """
    plan = load_plan(home)
    if plan is None or plan.state != "Completed":
        found = f"the hunt is {plan.state}" if plan else "there is no hunt"
        raise ConflictError(f"{need}; {found} in {home}")
    check_design(plan)
    return plan
