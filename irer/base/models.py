"""The models: what is known of each equation without its solver.

An added equation is a module with an object `equation` (docs/howto/equation.md). Its model is named
after its file in `irer/physics/equations/added`, or after its entry point in the group
`irer.equations`. Nothing here imports it: that would import JAX.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import PlainValidator, WithJsonSchema

from irer.base.checking import shown
from irer.base.errors import ConfigError

GROUP = "irer.equations"
DEFAULT_MODEL = "sncgl_sdg"
_PACKAGE = "irer.physics.equations.added"

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


@cache
def extensions() -> dict[str, EntryPoint]:
    """Return the entry point of each added equation, by model name."""
    folder = Path(__file__).parent.parent / "physics" / "equations" / "added"
    own = [path.stem for path in sorted(folder.glob("[a-z]*.py"))]
    found = {name: EntryPoint(name, f"{_PACKAGE}.{name}:equation", GROUP) for name in own}
    installed = {point.name: point for point in entry_points(group=GROUP)}
    if twice := installed.keys() & (found.keys() | _BUILT_IN.keys()) | found.keys() & _BUILT_IN:
        raise ConfigError(f"{GROUP}: there is another model called {min(twice)}")
    return found | dict(sorted(installed.items()))


def models() -> tuple[str, ...]:
    """Return the names of all models."""
    return (*_BUILT_IN, *extensions())


def facts_of(model: str) -> Facts:
    """Return the facts of a model; of an added one only the space that its source declares."""
    if model in _BUILT_IN:
        return _BUILT_IN[model]
    return Facts(space=_declared_space(extensions()[model].module))


@cache
def _declared_space(module: str) -> Space | None:
    """Return the literal assigned to SPACE in the source of a module, None without one.

    Raises ConfigError for one that is not {"name": (low, high), ...}.
    """
    path = _file_of(module)
    for statement in ast.parse(path.read_text()).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="SPACE")], value=value):
                try:
                    pairs = ast.literal_eval(value).items()
                    return {str(name): (float(low), float(high)) for name, (low, high) in pairs}
                except (ValueError, TypeError, AttributeError) as error:
                    wanted = 'a literal {"name": (low, high), ...}'
                    raise ConfigError(f"{path}: SPACE must be {wanted} ({error})") from error
    return None


def _file_of(module: str) -> Path:
    """Return the file of a module, without importing it or the packages around it."""
    found, places = None, None
    for part in module.split("."):
        found = PathFinder.find_spec(part, places)
        places = found.submodule_search_locations if found else []
    if found is None or found.origin is None:
        raise ConfigError(f"{GROUP}: there is no module {module}")
    return Path(found.origin)


def _known(name: object) -> str:
    if isinstance(name, str) and (name in _BUILT_IN or name in extensions()):
        return name
    raise ValueError(f"must be one of {', '.join(models())}, got {shown(name)}")


if TYPE_CHECKING:
    Model = str
else:
    Model = Annotated[
        str,
        PlainValidator(_known),
        WithJsonSchema({"enum": list(_BUILT_IN), "type": "string"}),
    ]
