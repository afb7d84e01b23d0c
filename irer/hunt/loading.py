"""An order from a file, joined with what a person gives beside it, which wins."""

from collections.abc import Mapping
from typing import Any

from irer.base.models import DEFAULT_MODEL, models
from irer.hunt.parameter_files import Parameters
from settings import Settings


def joined(found: Parameters, given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the fields of an order: those of the file, and over them what is `given`.

    A single run becomes the point that runs first. What is searched is searched as ever; all
    else keeps the run's values.
    """
    data = found.order | {name: value for name, value in given.items() if value is not None}
    for part in ("simulation", "params"):
        inner = (found.order.get(part) or {}) | dict(given.get(part) or {})
        if inner:
            data[part] = inner
    if found.point is None:
        return data
    params: dict[str, Any] = dict(data.get("params") or {})
    searched = set(settings.search_space(_model_of(data))) | {
        name for name, value in params.items() if isinstance(value, list)
    }
    searched -= {name for name, value in params.items() if not isinstance(value, list)}
    fixed = {name: value for name, value in found.point.items() if name not in searched}
    data["params"] = fixed | params
    if searched and "points" not in given:
        data["points"] = [{n: v for n, v in found.point.items() if n in searched}]
    return data


def _model_of(data: Mapping[str, Any]) -> str:
    """Return the model of an order that is not checked yet."""
    model = data.get("model")
    return model if model in models() else DEFAULT_MODEL
