"""The body of a start, checked so that one answer names everything that is wrong with it."""

from typing import Any

from irer.checking import check
from irer.errors import ConfigError
from irer.execution.order import check_order
from irer.records import HuntOrder
from settings import Settings

_FREE_FORM = ("simulation", "params")  # what the model of an order does not look into


def read_order(data: Any, settings: Settings) -> HuntOrder:
    """Return the order in `data`. Raises ConfigError naming every wrong field.

    A well-formed order may still be refused when it is planned, for what it holds inside.
    """
    try:
        return check(HuntOrder, data)
    except ConfigError as error:
        if not isinstance(data, dict):
            raise
        wrong = {found.field for found in error.errors}
        rest = {name: data[name] for name in _FREE_FORM if name in data and name not in wrong}
        raise _joined(error, HuntOrder(**rest), settings) from error


def _joined(outer: ConfigError, order: HuntOrder, settings: Settings) -> ConfigError:
    """Add to `outer` what is wrong inside the free-form parts of the order."""
    try:
        check_order(order, settings)
    except ConfigError as inner:
        return ConfigError(f"{outer.message}; {inner.message}", outer.errors + inner.errors)
    return outer
