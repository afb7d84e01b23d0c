"""Three-dimensional transforms as products with matrices of cosines and sines.

On lines as short as those of a 3-D grid a product with a matrix is faster than an FFT: it takes
only the retained modes in, or gives only those out, and runs at the processor's full rate. A real
field needs real matrices alone, in the basis of the waves cos(n k_min x), n >= 0, and
sin(|n| k_min x), n < 0, of each direction. In that basis -k^2, and any function of |k|, is as
diagonal as in that of exp(i n k_min x), with the same values, so waves have the layout of a
complex spectrum; a complex field is two real ones. No field here carries the carrier wave, and
points have the order of the spectrum's directions, y, z, x.
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

_EXACT = lax.Precision.HIGHEST  # an accelerator would round the factors of a product
_SLAB_POINTS = 2**14  # so many of a dozen fields lie in a core's cache


def from_complex(spectrum: Array, grid: Grid) -> tuple[Array, Array]:
    """Return the waves of a field's real and imaginary part from its complex spectrum."""
    return _wave_pair(spectrum.real, spectrum.imag, grid, (0, 1, 2))


def to_complex(real: Array, imag: Array, grid: Grid) -> Array:
    """Return the complex spectrum of a field from what `to_waves` gives of its parts."""
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
    """Return the spectrum of a real field from what `to_waves` gives of it."""
    spectrum = to_complex(waves, jnp.zeros_like(waves), grid)[:, grid.n_half - 1 :]
    return jnp.roll(spectrum, (1 - grid.n_half,) * 2, (0, 2))


def _wave_pair(real: Array, imag: Array, grid: Grid, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Turn some axes from exponentials to waves: F(n) + F(-n) of cos, i (F(n) - F(-n)) of sin."""
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
    """Return the retained n, to vary along one axis."""
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

    Waves other than n = 0 come halved, as `to_complex` and `to_real` want them.
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
    turn = 2 * np.pi / N * (np.outer(np.arange(N), n) % N)  # below 2 pi, where it is exact
    cos, sin = np.cos(turn), np.sin(turn)
    return np.where(n < 0, -sin, cos), np.where(n < 0, -n * cos, -n * sin)


def along(matrix: Array, field: Array, axis: int) -> Array:
    """Return the product of a matrix with every line of a field along an axis."""
    if axis == 1:
        return jnp.einsum("Zz,yzx->yZx", matrix, field, precision=_EXACT)
    # operands in the order of the result, which spares a transposition
    operands = (matrix, field) if axis == 0 else (field, matrix)
    contracted = ((1,), (0,)) if axis == 0 else ((2,), (1,))
    return lax.dot_general(*operands, (contracted, ((), ())), precision=_EXACT)


def by_slabs(function: Callable[..., tuple[Array, ...]], *fields: Array) -> tuple[Array, ...]:
    """Return `function` of slabs of the fields along their first axis, put together again.

    On a CPU a slab is small enough for a core's cache; elsewhere it is the whole.
    """
    N = fields[0].shape[0]
    rows = max(n for n in range(1, N + 1) if N % n == 0 and (n == 1 or n * N * N <= _SLAB_POINTS))
    if rows == N or jax.default_backend() != "cpu":
        return function(*fields)
    slabs = [field.reshape(N // rows, rows, *field.shape[1:]) for field in fields]
    found = lax.map(lambda each: function(*each), tuple(slabs))
    return tuple(values.reshape(N, *values.shape[2:]) for values in found)
