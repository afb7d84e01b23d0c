"""Two-dimensional transforms on the even and the odd columns of a field, each a block of its own.

A field (N, N) is held as a pair of arrays (N, N/2): block b has the points y = (2 j + b) L/N.
Point-by-point work is done on each block, and the transforms become cheaper:

- a spectrum of at most N/2 modes a side is not padded: each block takes one transform of half the
  size, the second with its modes multiplied by exp(i k_y L/N);
- a pair of real blocks is one complex field of half the size, whose transform is faster than a
  real transform of the whole by the FFT library.

Complex spectra are compact and fields of them carry the carrier wave (`irer.spectral.transforms`).
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from irer.spectral.etdrk import times
from irer.spectral.grid import Grid
from irer.spectral.transforms import crop_middle, pad_middle

Blocks = tuple[Array, Array]


def to_blocks(spectrum: Array, grid: Grid) -> Blocks:
    """Return the field of a complex spectrum times the carrier, (n_modes,)*2 -> 2 x (N, N/2)."""
    turn = jnp.asarray(_turn(grid, grid.n_modes) / 2, spectrum.dtype)
    return _block(spectrum / 2, grid), _block(times(spectrum, turn), grid)


def _block(spectrum: Array, grid: Grid) -> Array:
    N, m = grid.N, grid.n_modes
    columns = N // 2 if m <= N // 2 else N
    more = [(0, N - m, 0), (0, columns - m, 0)]
    padded = lax.pad(spectrum, jnp.zeros((), spectrum.dtype), more)
    if columns == N:  # modes half the grid apart coincide on a block
        padded = padded[:, : N // 2] + padded[:, N // 2 :]
    return jnp.fft.ifft2(padded)


def from_blocks(field: Blocks, grid: Grid) -> Array:
    """Return the complex spectrum of a field times the carrier, 2 x (N, N/2) -> (n_modes,)*2."""
    m = grid.n_modes
    even, odd = (jnp.fft.fft2(block)[:m] for block in field)
    if m > grid.N // 2:
        even, odd = (jnp.concatenate([part, part], 1) for part in (even, odd))
    turn = jnp.asarray(_turn(grid, m).conj(), even.dtype)
    return even[:, :m] + times(odd[:, :m], turn)


def to_blocks_real(spectrum: Array, grid: Grid) -> Blocks:
    """Return the field of a real field's spectrum, 2 x (N, N/2)."""
    m, half = grid.n_half, grid.N // 2
    turn = jnp.asarray((1 + 1j * _turn(grid, m)) / 2, spectrum.dtype)
    back = jnp.asarray((1 + 1j * _turn(grid, m).conj()) / 2, spectrum.dtype)
    zero = jnp.zeros((), spectrum.dtype)
    positive = lax.pad(times(turn, spectrum), zero, [(0, 0, 0), (0, half - m, 0)])
    negative = times(back, jnp.conj(_negative_rows(spectrum)))[:, :0:-1]
    both = positive + lax.pad(negative, zero, [(0, 0, 0), (half - m + 1, 0, 0)])
    return _parts(jnp.fft.ifft2(pad_middle(both, grid, 0)))


def from_blocks_real(field: Blocks, grid: Grid) -> Array:
    """Return the spectrum of a real field, 2 x (N, N/2)."""
    m = grid.n_half
    packed = jnp.fft.fft2(lax.complex(*field))
    at_k = crop_middle(packed[:, :m], grid, 0)
    at_minus_k = jnp.concatenate([packed[:, :1], packed[:, :-m:-1]], 1)
    mirrored = jnp.conj(_negative_rows(crop_middle(at_minus_k, grid, 0)))
    turn = jnp.asarray(1j * _turn(grid, m).conj(), packed.dtype)
    return 0.5 * ((at_k + mirrored) - times(turn, at_k - mirrored))


def folded(multiplier: Any, grid: Grid, xp: Any = np) -> Any:
    """Return what `convolved` takes for a real multiplier of all modes, (N, N), even in k.

    On a block the modes k and k' that lie half the grid apart in the second direction coincide.
    If Z is the spectrum of the pair as a complex field, that of the multiplied pair is
    a Z(k) + i b Z*(-k): this returns a and b, (2, N, N/2). `xp` is numpy or jax.numpy.
    """
    low, high = multiplier[:, : grid.N // 2], multiplier[:, grid.N // 2 :]
    turn = _turn(grid, grid.N // 2)
    return xp.stack([low + high - (low - high) * turn.imag, (low - high) * turn.real]) / 2


def convolved(field: Blocks, *multipliers: Array) -> list[Blocks]:
    """Return a real field once for each multiplier, with all modes of its spectrum multiplied.

    `folded` makes the multipliers.
    """
    z = jnp.fft.fft2(lax.complex(*field))
    mirrored = _negative_rows(jnp.concatenate([z[:, :1], z[:, :0:-1]], 1))
    found = []
    for own, other in multipliers:
        real = own * z.real + other * mirrored.imag
        imag = own * z.imag + other * mirrored.real
        found.append(_parts(jnp.fft.ifft2(lax.complex(real, imag))))
    return found


def _turn(grid: Grid, modes: int) -> Any:
    """Return exp(i k L/N) of the first modes: the phase from one column to the next."""
    return np.exp(2j * np.pi / grid.N * np.arange(modes))


def _negative_rows(spectrum: Array) -> Array:
    """Return a spectrum in FFT order with the sign of k_x reversed."""
    return jnp.concatenate([spectrum[:1], spectrum[:0:-1]], 0)


def _parts(field: Array) -> Blocks:
    return field.real, field.imag
