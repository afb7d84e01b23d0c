"""The nonlinear parts of S-NCGL in three dimensions, by products with matrices.

The first direction of a field is transformed to points for the whole field; the other directions,
the point-by-point work and the transforms back go slab by slab (`irer.spectral.waves`).
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from irer.physics import sdg
from irer.physics.sncgl_trees import Curved, CurvedOperators, Psi, SncglOperators
from irer.physics.stepping import Named
from irer.spectral.etdrk import kept
from irer.spectral.grid import Grid
from irer.spectral.waves import (
    all_waves,
    along,
    by_slabs,
    from_complex,
    from_real,
    to_complex,
    to_points,
    to_real,
    to_slopes,
    to_waves,
)


class _Gradient(NamedTuple):
    """A real field and its derivatives over k_min."""

    value: Array
    x: Array
    y: Array
    z: Array

    def dot(self, other: "_Gradient") -> Array:
        """Return the product of the two gradients."""
        return self.x * other.x + self.y * other.y + self.z * other.z


def flat_rate(state: Psi, ops: SncglOperators, grid: Grid) -> Array:
    """Return the nonlinear part of d psi/dt at u = 0, without the source."""
    dtype = ops.k2.dtype
    points, back = to_points(grid, dtype), to_waves(grid, dtype)
    parts = [along(points, part, 0) for part in from_complex(state.psi, grid)]
    smeared = []
    if ops.convolution is not None:
        smeared = [_smeared(ops.convolution * _density_waves(parts, points, grid), grid)]

    def slab(real: Array, imag: Array, *smeared: Array) -> tuple[Array, ...]:
        psi = (_plane_points(points, real), _plane_points(points, imag))
        mean = [_plane_points(all_waves(grid, dtype), each) for each in smeared]
        rates = _saturated(psi, _square(psi), mean[0] if mean else 0.0, ops.params)
        return tuple(_plane_waves(back, -rate) for rate in rates)

    real, imag = (along(back, rate, 0) for rate in by_slabs(slab, *parts, *smeared))
    return to_complex(real, imag, grid)


def coupled_rate(state: Curved, ops: CurvedOperators, grid: Grid, m2: Array) -> Named:
    """Return the nonlinear parts of d psi/dt, without the source, and of d u/dt."""
    dtype = ops.k2.dtype
    points, slopes, back = (make(grid, dtype) for make in (to_points, to_slopes, to_waves))
    waves = kept(*from_complex(state.psi, grid), from_real(state.u, grid))
    lines = [along(points, field, 0) for field in waves]
    sloped = [along(slopes, field, 0) for field in waves]
    bent = [along(points, -ops.k2 * field, 0) for field in waves[:2]]
    density_waves = _density_waves(lines[:2], points, grid)
    quartic = jnp.sum(density_waves**2) / float(grid.N) ** 3  # of |psi|^4, by Parseval
    mean_rho = 0.5 * sdg.mean_gradient(state.psi, ops.k2, grid) + 0.25 * quartic
    smeared = _smeared(ops.convolution * density_waves, grid)

    def gradient(lines: Array, sloped: Array) -> _Gradient:
        middle = along(points, lines, 1)
        return _Gradient(
            value=along(points, middle, 2),
            x=along(slopes, middle, 2),
            y=_plane_points(points, sloped),
            z=along(points, along(slopes, lines, 1), 2),
        )

    def slab(*fields: Array) -> tuple[Array, ...]:
        psi, u = (
            [gradient(fields[i], fields[i + 3]) for i in (0, 1)],
            gradient(fields[2], fields[5]),
        )
        laplacian = [_plane_points(points, field) for field in fields[6:8]]
        smeared = _plane_points(all_waves(grid, dtype), fields[8])
        rates = kept(*_point_rates(psi, laplacian, u, smeared, mean_rho, ops, m2))
        return tuple(_plane_waves(back, rate) for rate in rates)

    rates = by_slabs(slab, *lines, *sloped, *bent, smeared)
    real, imag, of_u = kept(*(along(back, rate, 0) for rate in rates))
    return {"psi": to_complex(real, imag, grid), "u": to_real(of_u, grid)}


def _point_rates(
    psi: list[_Gradient],
    laplacian: list[Array],
    u: _Gradient,
    smeared: Array,
    mean_rho: Array,
    ops: CurvedOperators,
    m2: Array,
) -> tuple[Array, Array, Array]:
    """Return the nonlinear parts of psi, real and imaginary, and of u, point by point."""
    params, scale = ops.params, ops.k_min**2
    (w,) = kept(jnp.exp(-2 * u.value))  # else XLA would compute it again at every use
    density = psi[0].value ** 2 + psi[1].value ** 2
    rho = 0.5 * scale * (psi[0].dot(psi[0]) + psi[1].dot(psi[1])) + 0.25 * density**2
    metric = [
        (w - 1) * flat + w * (scale * u.dot(part))
        for flat, part in zip(laplacian, psi, strict=True)
    ]
    saturated = _saturated((psi[0].value, psi[1].value), density, smeared, params)
    return (
        metric[0] - params["c1"] * metric[1] - saturated[0],
        metric[1] + params["c1"] * metric[0] - saturated[1],
        sdg.geometry_rate(u.value, w, rho, mean_rho, scale * u.dot(u), params, m2, 3),
    )


def _density_waves(parts: list[Array], points: Array, grid: Grid) -> Array:
    """Return all waves of |psi|^2, from psi's parts with the first direction on the points."""
    every = all_waves(grid, points.dtype).T

    def slab(real: Array, imag: Array) -> tuple[Array, ...]:
        density = _square((_plane_points(points, real), _plane_points(points, imag)))
        return (_plane_waves(every, density),)

    return along(every, by_slabs(slab, *parts)[0], 0)


def _smeared(waves: Array, grid: Grid) -> Array:
    """Return a field with the first direction on the points, from all its waves."""
    return along(all_waves(grid, waves.dtype), waves, 0)


def _plane_points(matrix: Array, field: Array) -> Array:
    """Return a field with both other directions on the points."""
    return along(matrix, along(matrix, field, 1), 2)


def _plane_waves(matrix: Array, field: Array) -> Array:
    """Return a field with both other directions in waves.

    The last direction is transformed first: the point-by-point work then keeps its order of axes
    and does not end in a transposition, which XLA does not vectorise.
    """
    return along(matrix, along(matrix, field, 2), 1)


def _square(psi: tuple[Array, Array]) -> Array:
    return psi[0] ** 2 + psi[1] ** 2


def _saturated(
    psi: tuple[Array, Array], density: Array, smeared: Array | float, params: dict[str, Array]
) -> tuple[Array, Array]:
    """Return ((1 + i c3) |psi|^2 + g_nonlocal K * |psi|^2) psi, its parts."""
    real, imag = density + params["g_nonlocal"] * smeared, params["c3"] * density
    return real * psi[0] - imag * psi[1], real * psi[1] + imag * psi[0]
