"""Transforms between the grid and the spectra of `Grid`, traceable, in the precision given.

The spectrum of a complex field starts at its lowest mode, so that modes are padded and cropped
at one end only. The inverse transform then gives the field times a carrier wave of modulus one.
The equations may use that product: they are the same for psi and for psi times a local phase, if
the derivatives have the same phase. `to_carried` and `from_carried` leave the carrier in;
`to_grid` and `to_modes` take it out.

In 3-D only lines that hold retained modes are transformed: first x alone, then y and z. In 2-D a
full transform is as fast, because transposing the axes costs what pruning saves.
"""

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.spectral.grid import Grid


def to_carried(spectrum: Array, grid: Grid) -> Array:
    """Return the field of a complex spectrum times the carrier, (n_modes,)*d -> (N,)*d."""
    if grid.d == 2:
        return jnp.fft.ifft2(_pad_end(spectrum, grid, (0, 1)))
    lines = jnp.moveaxis(jnp.fft.ifft(_pad_end(spectrum, grid, (2,))), 2, 0)
    return jnp.fft.ifft2(_pad_end(lines, grid, (1, 2)))


def from_carried(field: Array, grid: Grid) -> Array:
    """Return the complex spectrum of a field times the carrier, (N,)*d -> (n_modes,)*d."""
    m = grid.n_modes
    if grid.d == 2:
        return jnp.fft.fft2(field)[:m, :m]
    planes = jnp.moveaxis(jnp.fft.fft2(field)[:, :m, :m], 0, 2)
    return jnp.fft.fft(planes)[:, :, :m]


def to_grid(spectrum: Array, grid: Grid) -> Array:
    """Return the field of a complex spectrum, (n_modes,)*d -> (N,)*d."""
    return to_carried(spectrum, grid) * jnp.asarray(carrier(grid).conj(), spectrum.dtype)


def to_modes(field: Array, grid: Grid) -> Array:
    """Return the complex spectrum of a field, (N,)*d -> (n_modes,)*d."""
    return from_carried(field * jnp.asarray(carrier(grid), field.dtype), grid)


def to_grid_real(spectrum: Array, grid: Grid) -> Array:
    """Return the field of a real field's spectrum, (N,)*d."""
    if grid.d == 2:
        return jnp.fft.irfft2(_pad_half(pad_middle(spectrum, grid, 0), grid), s=(grid.N,) * 2)
    lines = jnp.moveaxis(jnp.fft.ifft(pad_middle(spectrum, grid, 2)), 2, 0)
    return jnp.fft.irfft2(_pad_half(pad_middle(lines, grid, 1), grid), s=(grid.N,) * 2)


def to_modes_real(field: Array, grid: Grid) -> Array:
    """Return the spectrum of a real field, (N,)*d."""
    if grid.d == 2:
        return crop_middle(jnp.fft.rfft2(field)[:, : grid.n_half], grid, 0)
    planes = crop_middle(jnp.fft.rfft2(field)[:, :, : grid.n_half], grid, 1)
    return crop_middle(jnp.fft.fft(jnp.moveaxis(planes, 0, 2)), grid, 2)


def carrier(grid: Grid) -> NDArray[np.complex128]:
    """Return exp(i (n_half - 1) k_min (x + y + ...)) on the grid, (N,)*d."""
    steps = np.indices((grid.N,) * grid.d).sum(axis=0) * (grid.n_half - 1) % grid.N
    return np.asarray(np.exp(2j * np.pi / grid.N * steps))


def _pad_end(spectrum: Array, grid: Grid, axes: tuple[int, ...]) -> Array:
    """Add zeros at the end of some axes, up to N modes."""
    more = [(0, grid.N - grid.n_modes if a in axes else 0, 0) for a in range(spectrum.ndim)]
    return lax.pad(spectrum, jnp.zeros((), spectrum.dtype), more)


def _pad_half(spectrum: Array, grid: Grid) -> Array:
    """Add zeros at the end of the last axis, up to the N/2 + 1 modes of a real transform."""
    more = [(0, 0, 0)] * (spectrum.ndim - 1) + [(0, grid.N // 2 + 1 - grid.n_half, 0)]
    return lax.pad(spectrum, jnp.zeros((), spectrum.dtype), more)


def pad_middle(spectrum: Array, grid: Grid, axis: int) -> Array:
    """Put zeros between the positive and the negative modes of an axis in FFT order."""
    low, high = jnp.split(spectrum, [grid.n_half], axis)
    shape = list(spectrum.shape)
    shape[axis] = grid.N - grid.n_modes
    return jnp.concatenate([low, jnp.zeros(shape, spectrum.dtype), high], axis)


def crop_middle(spectrum: Array, grid: Grid, axis: int) -> Array:
    """Keep the retained modes of an axis in FFT order."""
    low = lax.slice_in_dim(spectrum, 0, grid.n_half, axis=axis)
    high = lax.slice_in_dim(spectrum, grid.N - grid.n_half + 1, grid.N, axis=axis)
    return jnp.concatenate([low, high], axis)
