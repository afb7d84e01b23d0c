"""Three-dimensional transforms as products with matrices of cosines and sines.

On lines as short as those of a 3-D grid a product with a matrix is faster than an FFT: it reads or
writes the retained modes alone and runs at the processor's full rate. A real field needs real
matrices only, in the basis of the waves cos(n k_min x), n >= 0, and sin(|n| k_min x), n < 0, of
each direction. In that basis -k^2, and any function of |k|, is diagonal with the same values as in
the basis exp(i n k_min x), so waves have the layout of a complex spectrum. A complex field is two
real ones. Fields here are free of the carrier wave, and the axes of points are in the order of the
spectrum's directions: y, z, x.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.spectral.grid import Grid

_EXACT = lax.Precision.HIGHEST  # else an accelerator rounds the factors of a product
_SLAB_POINTS = 2**14  # a dozen fields of this size fit into a core's cache


def from_complex(spectrum: Array, grid: Grid) -> tuple[Array, Array]:
    """Return the waves of a field's real and imaginary part from its complex spectrum."""
    return _wave_pair(spectrum.real, spectrum.imag, grid, (0, 1, 2))


def to_complex(real: Array, imag: Array, grid: Grid) -> Array:
    """Return the complex spectrum of a field from its parts' waves by `to_waves`."""
    for axis in range(3):
        n = _numbers(grid, axis)
        real_at, imag_at = jnp.flip(real, axis), jnp.flip(imag, axis)  # at -n
        real, imag = (
            jnp.where(n > 0, real + imag_at, jnp.where(n < 0, real_at - imag, real)),
            jnp.where(n > 0, imag - real_at, jnp.where(n < 0, imag_at + real, imag)),
        )
    return lax.complex(real, imag)


def from_real(spectrum: Array, grid: Grid) -> Array:
    """Return the waves of a real field from its spectrum."""
    centred = jnp.roll(spectrum, (grid.n_half - 1,) * 2, (0, 2))
    cosines, sines = _wave_pair(centred.real, centred.imag, grid, (0, 2))
    return jnp.concatenate([-2 * sines[:, :0:-1], cosines[:, :1], 2 * cosines[:, 1:]], 1)


def to_real(waves: Array, grid: Grid) -> Array:
    """Return the spectrum of a real field from its waves by `to_waves`."""
    spectrum = to_complex(waves, jnp.zeros_like(waves), grid)[:, grid.n_half - 1 :]
    return jnp.roll(spectrum, (1 - grid.n_half,) * 2, (0, 2))


def _wave_pair(real: Array, imag: Array, grid: Grid, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Change some axes from exponentials to waves: cos F(n) + F(-n), sin i (F(n) - F(-n))."""
    for axis in axes:
        n = _numbers(grid, axis)
        both = (n > 0).astype(np.int8)
        real_at, imag_at = jnp.flip(real, axis), jnp.flip(imag, axis)  # at -n
        real, imag = (
            jnp.where(n < 0, imag - imag_at, real + both * real_at),
            jnp.where(n < 0, real_at - real, imag + both * imag_at),
        )
    return real, imag


def _numbers(grid: Grid, axis: int) -> NDArray[np.int64]:
    """Return the retained n as an array that varies along one axis."""
    line = np.arange(1 - grid.n_half, grid.n_half)
    return line.reshape((-1,) + (1,) * (2 - axis))


def to_points(grid: Grid, dtype: Any) -> Array:
    """Return the matrix from the retained waves of a line to its points, (N, n_modes)."""
    return jnp.asarray(_cosines_and_sines(grid.N, grid.n_half)[0] / grid.N, dtype)


def to_slopes(grid: Grid, dtype: Any) -> Array:
    """Return the matrix from the retained waves of a line to d/dx over k_min, (N, n_modes)."""
    return jnp.asarray(_cosines_and_sines(grid.N, grid.n_half)[1] / grid.N, dtype)


def to_waves(grid: Grid, dtype: Any) -> Array:
    """Return the matrix from the points of a line to its retained waves, (n_modes, N).

    All waves but n = 0 are halved, as `to_complex` and `to_real` expect them.
    """
    return jnp.asarray(_cosines_and_sines(grid.N, grid.n_half)[0].T, dtype)


def all_waves(grid: Grid, dtype: Any) -> Array:
    """Return the orthogonal matrix from all waves of a line, in the order of an FFT, (N, N)."""
    half = grid.N // 2
    values = np.roll(_cosines_and_sines(grid.N, half + 1)[0][:, 1:], 1 - half, 1)
    return jnp.asarray(values / np.linalg.norm(values, axis=0), dtype)


@lru_cache(maxsize=8)
def _cosines_and_sines(N: int, n_half: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the waves |n| < n_half at the points of a line, and their derivatives over k_min."""
    n = np.arange(1 - n_half, n_half)
    turn = 2 * np.pi / N * (np.outer(np.arange(N), n) % N)  # below 2 pi, for accuracy
    cos, sin = np.cos(turn), np.sin(turn)
    return np.where(n < 0, -sin, cos), np.where(n < 0, -n * cos, -n * sin)


def along(matrix: Array, field: Array, axis: int) -> Array:
    """Return the product of a matrix with every line of a field along an axis."""
    if axis == 1:
        return jnp.einsum("Zz,yzx->yZx", matrix, field, precision=_EXACT)
    # Operands in the order of the result avoid a transposition.
    operands = (matrix, field) if axis == 0 else (field, matrix)
    contracted = ((1,), (0,)) if axis == 0 else ((2,), (1,))
    return lax.dot_general(*operands, (contracted, ((), ())), precision=_EXACT)


def by_slabs(function: Callable[..., tuple[Array, ...]], *fields: Array) -> tuple[Array, ...]:
    """Apply `function` to slabs of the fields along their first axis; return the joined results.

    On a CPU a slab fits into a core's cache; on other devices one slab is the whole field.
    """
    N = fields[0].shape[0]
    rows = max(n for n in range(1, N + 1) if N % n == 0 and (n == 1 or n * N * N <= _SLAB_POINTS))
    if rows == N or jax.default_backend() != "cpu":
        return function(*fields)
    slabs = [field.reshape(N // rows, rows, *field.shape[1:]) for field in fields]
    found = lax.map(lambda each: function(*each), tuple(slabs))
    return tuple(values.reshape(N, *values.shape[2:]) for values in found)
