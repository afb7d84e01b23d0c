"""One simulation from Python."""

from typing import TYPE_CHECKING, Any

from irer.api.run import Run
from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.records import SimulationConfig, SncglParams
from irer.base.words import unknown_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irer.physics import SimulationResult


def simulate(
    config: SimulationConfig | Run | None = None,
    *,
    psi0: "NDArray[Any] | None" = None,
    u0: "NDArray[Any] | None" = None,
    **options: Any,
) -> "SimulationResult":
    """Integrate the field equations and return the final fields, snapshots and diagnostics.

    Source: docs/equations.md (ETDRK4 of Cox and Matthews, 2002, with controlled steps).

    Args:
        config: what to simulate: a `SimulationConfig`, or a `Run` that is simulated again; by
            default the defaults of docs/equations.md.
        psi0: complex, (N,)*d: the initial field in the place of seeded noise.
        u0: real, (N,)*d: the initial ln Omega in the place of 0.
        options: fields of `SimulationConfig` that differ, and parameters by their own name:
            `irer.simulate(N_grid=64, box_length=40.0, kappa=0.2)`.

    Returns:
        `.psi` complex (N,)*d, `.u` real (N,)*d, at the time `.t`; `.snapshots` {"t": (S,), "rho":
        (S,) + (N,)*d}; `.diagnostics` {name: (frames,)}; `.outcome`. All dimensionless.

    Raises:
        ConfigError: naming every wrong option, or an array of the wrong shape or kind.
    """
    from irer.physics import simulate as integrate  # JAX

    return integrate(_config_of(config, options), psi0, u0)


def _config_of(config: SimulationConfig | Run | None, options: dict[str, Any]) -> SimulationConfig:
    given = config.config if isinstance(config, Run) else config or SimulationConfig()
    known = [*SimulationConfig.model_fields, *SncglParams.model_fields]
    for name in options:
        if name not in known:
            raise ConfigError.of_field(name, unknown_name("option", name, known))
    params = {name: value for name, value in options.items() if name in SncglParams.model_fields}
    others = {name: value for name, value in options.items() if name not in params}
    base = others.pop("sncgl_params", given.sncgl_params)
    if isinstance(base, SncglParams):
        base = base.model_dump()
    values = given.model_dump(exclude={"sncgl_params"}) | others
    return check(SimulationConfig, values | {"sncgl_params": {**base, **params}}, what="options")
