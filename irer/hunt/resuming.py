"""The check that an order asks for the hunt that is to be resumed."""

from typing import Any

from irer.base.errors import ConfigError, FieldError
from irer.base.hunt_records import HuntOrder, HuntPlan


def check_same(order: HuntOrder, plan: HuntPlan) -> None:
    """Raise ConfigError naming every field in which `order` differs from `plan`.

    A field that the order leaves open does not differ.
    """
    asked = {
        name: value
        for name, value in order
        if value is not None and name not in ("simulation", "params")
    }
    differing = [_difference(name, asked[name], getattr(plan, name)) for name in asked]
    for name, value in (order.simulation or {}).items():
        differing.append(_difference(f"simulation.{name}", value, getattr(plan.simulation, name)))
    for name, value in (order.params or {}).items():
        bounds = plan.search_space.get(name)
        planned = getattr(plan.fixed_params, name) if bounds is None else list(bounds)
        differing.append(_difference(f"params.{name}", value, planned))
    errors = tuple(error for error in differing if error)
    if errors:
        raise ConfigError("; ".join(str(error) for error in errors), errors)


def _difference(name: str, asked: Any, planned: Any) -> FieldError | None:
    planned = list(planned) if isinstance(planned, tuple) else planned
    if asked is None or asked == planned:
        return None
    return FieldError(name, f"is {planned} in the hunt that is to go on, not {asked}")
