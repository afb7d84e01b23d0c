r"""The geometry that a field determines: the one u with H = 0, by Newton's method.

With K^2/(2d) = kappa <rho>/(d-1), H = 0 is G(u) = 0,

    G = lap u + (d-2)/2 |grad u|^2 - kappa/(d-1) [<rho> exp(2u) - exp(-2u) rho],

and on its solution the derivative of exp((d-2)u) G is -A, self-adjoint and positive:

    A v = -div(exp((d-2)u) grad v) + exp((d-2)u) V v,
    V = 2 kappa/(d-1) [<rho> exp(2u) + exp(-2u) rho].

Conjugate gradients, preconditioned with (k^2 + m^2)^-1, solve each Newton step (Knoll & Keyes,
J. Comput. Phys. 193 (2004) 357). At kappa = 0, and for an empty field, H = 0 leaves the constant
in u free, and u is set to 0.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.sparse.linalg import cg
from numpy.typing import NDArray

from irer.base.errors import ConfigError, SimulationFailed
from irer.base.records import Outcome
from irer.physics import sdg
from irer.physics.sncgl_trees import Constrained, CurvedOperators
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid_real, to_modes, to_modes_real

MAX_NEWTON_STEPS = 20
_CG_TOLERANCE, _MAX_CG_STEPS = 1e-2, 50  # rough: the next Newton step corrects it
_TOLERANCES = {"float32": 1e-6, "float64": 1e-11}


def tolerance(dtype: Any) -> float:
    """Return the largest RMS of exp((d-2)u) G on the retained modes, over that of its source."""
    return _TOLERANCES[np.finfo(dtype).dtype.name]


class Coupling(NamedTuple):
    """The numbers in the constraint's equation."""

    kappa: Array
    k: list[Array]  # wavenumbers of a real field
    k2: Array


def solve(rho: Array, guess: Array, coupling: Coupling, grid: Grid) -> tuple[Array, Array]:
    """Return the spectrum of u for the energy density `rho`, (N,)*d, and its relative residual.

    `guess` is a spectrum of u to start from.
    """
    kappa, k, k2 = coupling
    strength = kappa / (grid.d - 1)
    mean = jnp.mean(rho)
    scale = strength * jnp.sqrt(jnp.mean(rho**2))
    solvable = scale > 0

    def residual(u_hat: Array) -> tuple[Array, Array]:
        """Return exp((d-2)u) G on the retained modes, and its RMS over that of the source."""
        u = to_grid_real(u_hat, grid)
        rest = strength * (mean * jnp.exp(2 * u) - jnp.exp(-2 * u) * rho)
        rest -= 0.5 * (grid.d - 2) * sum(to_grid_real(1j * k_i * u_hat, grid) ** 2 for k_i in k)
        G = to_grid_real(-k2 * u_hat, grid) - rest
        r = to_grid_real(to_modes_real(jnp.exp((grid.d - 2) * u) * G, grid), grid)
        return r, jnp.sqrt(jnp.mean(r**2)) / jnp.where(solvable, scale, 1)

    def newton(now: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
        u_hat, r, _, count = now
        apply = _linearised(to_grid_real(u_hat, grid), strength, mean, rho, k, grid)
        m2 = sdg.relaxation_mass(mean, kappa, grid.d)

        def precondition(v: Array) -> Array:
            return to_grid_real(to_modes_real(v, grid) / (k2 + m2), grid)

        change, _ = cg(  # type: ignore[no-untyped-call]
            apply, r, tol=_CG_TOLERANCE, maxiter=_MAX_CG_STEPS, M=precondition
        )
        u_hat = u_hat + to_modes_real(change, grid)
        return u_hat, *residual(u_hat), count + 1

    def unfinished(now: tuple[Array, Array, Array, Array]) -> Array:
        return (now[2] > tolerance(rho.dtype)) & (now[3] < MAX_NEWTON_STEPS)

    first = jnp.where(solvable, guess, 0)
    start = (first, *residual(first), jnp.zeros((), jnp.int32))
    u_hat, _, relative, _ = lax.while_loop(unfinished, newton, start)
    return u_hat, relative


def _linearised(
    u: Array, strength: Array, mean: Array, rho: Array, k: list[Array], grid: Grid
) -> Callable[[Array], Array]:
    """Return v -> A v on the retained modes, fields (N,)*d."""
    weight = jnp.exp((grid.d - 2) * u)
    potential = 2 * strength * weight * (mean * jnp.exp(2 * u) + jnp.exp(-2 * u) * rho)

    def apply(v: Array) -> Array:
        v_hat = to_modes_real(v, grid)
        flux = (to_modes_real(weight * to_grid_real(1j * k_i * v_hat, grid), grid) for k_i in k)
        divergence = sum(1j * k_i * part for k_i, part in zip(k, flux, strict=True))
        return to_grid_real(to_modes_real(potential * v, grid) - divergence, grid)

    return apply


def settle(state: Constrained, ops: CurvedOperators, grid: Grid) -> Constrained:
    """Return `state` with the u that its psi determines, and the largest residual so far."""
    rho = sdg.energy_density(state.psi, grid, ops.k)
    coupling = Coupling(ops.params["kappa"], ops.k_real, ops.k2_real)
    u_hat, relative = solve(rho, state.u, coupling, grid)
    residual = jnp.maximum(state.residual, relative)
    return Constrained(psi=state.psi, u=u_hat, residual=residual)


def solve_constraint(
    psi: NDArray[Any], box_length: float, kappa: float, dealias: float = 0.5
) -> NDArray[Any]:
    """Return u, (N,)*d, with H = 0 for psi, complex (N,)*d: initial data on the constraint.

    Pass both to `simulate`. Modes outside the band are left out; precision is that of psi.
    Raises ConfigError for an argument out of its range, SimulationFailed if no u was found.
    """
    psi = np.asarray(psi)
    if psi.ndim not in (2, 3) or len(set(psi.shape)) != 1 or psi.dtype.kind != "c":
        raise ConfigError.of_field(
            "psi", f"must be complex with shape (N,)*d, d = 2 or 3, got {psi.dtype} {psi.shape}"
        )
    if not np.isfinite(psi).all():
        raise ConfigError.of_field("psi", "must be finite everywhere")
    if not (np.isfinite(kappa) and kappa >= 0):
        raise ConfigError.of_field("kappa", f"must be finite and at least 0, got {kappa}")
    u, residual = _solve_on(Grid(psi.shape[0], float(box_length), psi.ndim, dealias), psi, kappa)
    if not residual <= tolerance(u.dtype):
        message = f"no geometry with H = 0 found: relative residual {float(residual):.3g}"
        raise SimulationFailed(Outcome.STEP_FAILURE, 0.0, message)
    return np.asarray(u)


@partial(jax.jit, static_argnums=0)
def _solve_on(grid: Grid, psi: Array, kappa: Array) -> tuple[Array, Array]:
    real = psi.real.dtype
    k, k_real = grid.wavenumbers(), grid.wavenumbers(real=True)
    coupling = Coupling(
        jnp.asarray(kappa, real),
        [jnp.asarray(k_i, real) for k_i in k_real],
        jnp.asarray(grid.k_squared(real=True), real),
    )
    rho = sdg.energy_density(to_modes(psi, grid), grid, [jnp.asarray(k_i, real) for k_i in k])
    guess = jnp.zeros(coupling.k2.shape, psi.dtype)
    u_hat, residual = solve(rho, guess, coupling, grid)
    return to_grid_real(u_hat, grid), residual
