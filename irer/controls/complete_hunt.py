"""The hunt of a home that a control is asked for: only a complete one can be judged."""

from irer.base.errors import ConflictError
from irer.base.hunt_records import HuntPlan
from irer.controls.fingerprint import check_design
from irer.home import Home
from irer.home.registry import load_plan


def complete_hunt(home: Home, need: str) -> HuntPlan:
    """Return the home's hunt; `need` says in the error what a complete one is needed for.

    Raises ConflictError unless it is complete, ContractError when its objective, bounds or
    thresholds are no longer those that were fixed before it.
    """
    plan = load_plan(home)
    if plan is None or plan.state != "Completed":
        found = f"the hunt is {plan.state}" if plan else "there is no hunt"
        raise ConflictError(f"{need}; {found} in {home}")
    check_design(plan)
    return plan
