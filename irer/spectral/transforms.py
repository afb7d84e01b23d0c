"""Transforms between the grid and the compact spectrum, pruned one axis at a time.

Modes outside the retained band are never computed: after each one-dimensional transform the
axis is cropped (or padded just before it), so later axes have half the lines. Shapes are those
of `Grid`; all functions are traceable and leave the precision as it is.
"""

import jax.numpy as jnp
from jax import Array

from irer.spectral.grid import Grid


def to_modes(field: Array, grid: Grid) -> Array:
    """Return the compact spectrum of a complex field, (N,)*d -> (n_modes,)*d."""
    spectrum = field
    for axis in range(grid.d):
        if axis:
            spectrum = jnp.moveaxis(spectrum, -1, -grid.d)
        spectrum = _crop(jnp.fft.fft(spectrum), grid)
    return spectrum


def to_grid(spectrum: Array, grid: Grid) -> Array:
    """Return the complex field of a compact spectrum, (n_modes,)*d -> (N,)*d."""
    field = spectrum
    for axis in range(grid.d):
        if axis:
            field = jnp.moveaxis(field, -grid.d, -1)
        field = jnp.fft.ifft(_pad(field, grid))
    return field


def to_modes_real(field: Array, grid: Grid) -> Array:
    """Return the compact spectrum of a real field; axis d-2 has n_half modes."""
    spectrum = jnp.fft.rfft(field)[..., : grid.n_half]
    for _ in range(grid.d - 1):
        spectrum = jnp.moveaxis(spectrum, -1, -grid.d)
        spectrum = _crop(jnp.fft.fft(spectrum), grid)
    return spectrum


def to_grid_real(spectrum: Array, grid: Grid) -> Array:
    """Return the real field of a compact spectrum made by `to_modes_real`, (N,)*d."""
    field = spectrum
    for _ in range(grid.d - 1):
        field = jnp.fft.ifft(_pad(field, grid))
        field = jnp.moveaxis(field, -grid.d, -1)
    rest = grid.N // 2 + 1 - grid.n_half
    padded = jnp.concatenate([field, jnp.zeros((*field.shape[:-1], rest), field.dtype)], -1)
    return jnp.fft.irfft(padded, n=grid.N)


def _crop(spectrum: Array, grid: Grid) -> Array:
    """Keep the retained modes of the last axis."""
    m = grid.n_half
    return jnp.concatenate([spectrum[..., :m], spectrum[..., grid.N - m + 1 :]], -1)


def _pad(spectrum: Array, grid: Grid) -> Array:
    """Fill the modes that are not retained in the last axis with zeros."""
    m = grid.n_half
    zeros = jnp.zeros((*spectrum.shape[:-1], grid.N - grid.n_modes), spectrum.dtype)
    return jnp.concatenate([spectrum[..., :m], zeros, spectrum[..., m:]], -1)
