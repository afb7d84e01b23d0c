"""The models: what is known of each equation without its solver.

An added equation (docs/howto/equation.md) is an extension, whose name is its model. Nothing here
imports it: that would import JAX.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import PlainValidator, WithJsonSchema

from irer.base.discovery import Extensions
from irer.base.errors import ConfigError, ExtensionError
from irer.base.extensions import EQUATION

DEFAULT_MODEL = "sncgl_sdg"

Space = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Facts:
    """What the search, the records and the controls ask about a model."""

    real: bool | None = None  # the artifact stores a field and its rate; None: the artifact says
    geometry: bool = False
    gradient: bool = False  # descents can differentiate it (irer.physics.gradient)
    uncoupled: str | None = None  # the model without geometry, coupling or source
    space: Space | None = None  # searched by default; None: that of the settings


_BUILT_IN = {
    DEFAULT_MODEL: Facts(real=False, geometry=True, gradient=True, uncoupled="sncgl_flat"),
    "sncgl_flat": Facts(real=False, gradient=True, uncoupled="sncgl_flat"),
    "fmia": Facts(
        real=True,
        space={
            "epsilon": (0.2, 1.5),
            "diffusion": (0.2, 2.0),
            "lambda_cubic": (0.2, 2.0),
            "eta": (0.0, 0.5),
        },
    ),
}


EQUATIONS = Extensions(EQUATION, _BUILT_IN)


def models() -> tuple[str, ...]:
    """Return the names of all models."""
    return EQUATIONS.names()


def facts_of(model: str) -> Facts:
    """Return the facts of a model; of an added one only the space that its source declares.

    Raises ConfigError for an added one whose source cannot be read.
    """
    if model in _BUILT_IN:
        return _BUILT_IN[model]
    return Facts(space=_declared_space(model))


@cache
def _declared_space(model: str) -> Space | None:
    """Return the literal assigned to SPACE in the source of an equation, None without one.

    Raises ConfigError for one that is not {"name": (low, high), ...}.
    """
    extension = EQUATIONS[model]
    try:
        path = Path(str(extension.spec().origin))
        source = ast.parse(path.read_bytes())
    except (ExtensionError, OSError, SyntaxError, ValueError) as error:
        raise ConfigError.of_field("model", f"{extension} cannot be read: {error}") from error
    for statement in source.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="SPACE")], value=value):
                try:
                    pairs = ast.literal_eval(value).items()
                    return {str(name): (float(low), float(high)) for name, (low, high) in pairs}
                except (ValueError, TypeError, AttributeError) as error:
                    wanted = 'a literal {"name": (low, high), ...}'
                    raise ConfigError(f"{path}: SPACE must be {wanted} ({error})") from error
    return None


if TYPE_CHECKING:
    Model = str
else:
    Model = Annotated[
        str,
        PlainValidator(EQUATIONS.check),
        WithJsonSchema({"enum": list(_BUILT_IN), "type": "string"}),
    ]
