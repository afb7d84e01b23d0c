"""The equations, one object each; `equation_of(config)` says which one a run is of."""

from typing import Any

from irer.base.checking import shown
from irer.base.errors import ExtensionError
from irer.base.extensions import MakeEquation
from irer.base.models import EQUATIONS
from irer.base.records import SimulationConfig
from irer.physics.equations.base import Equation, Fields, named
from irer.physics.equations.coevolve import Coevolve
from irer.physics.equations.constraint import Constraint
from irer.physics.equations.flat import Flat
from irer.physics.equations.fmia import Fmia
from irer.spectral.grid import Grid

__all__ = ["AnyEquation", "Equation", "Fields", "equation_of", "grid_of", "named"]

AnyEquation = Equation[Any, Any]

_ON_GEOMETRY: dict[str, type[AnyEquation]] = {"coevolve": Coevolve, "constraint": Constraint}
_FLAT: dict[str, type[AnyEquation]] = {"sncgl_flat": Flat, "fmia": Fmia}


def equation_of(config: SimulationConfig) -> AnyEquation:
    """Return the equation that `config` asks for, on its grid. Raises ExtensionError."""
    if config.model == "sncgl_sdg":
        return _ON_GEOMETRY[config.geometry](grid_of(config))
    if config.model in _FLAT:
        return _FLAT[config.model](grid_of(config))
    extension = EQUATIONS[config.model]
    make: MakeEquation[Grid, AnyEquation] = extension.load()
    with extension.named():
        made = make(grid_of(config))
    if not isinstance(made, Equation):
        raise ExtensionError(f"{extension} must make an Equation, got {shown(made)}")
    return made


def grid_of(config: SimulationConfig) -> Grid:
    """Return the grid of `config`."""
    return Grid(config.N_grid, config.box_length, config.dimensions, config.dealias)
