"""Gaussian fields of given spectra, to plant lines in and to calibrate with."""

from functools import cache

import numpy as np

from irer.validation import TARGETS

N, L = 256, 40 * np.pi
LINE_WIDTH = 0.03  # standard deviation of a line, radians per unit length


@cache
def wavenumbers(n=N, box_length=L, d=2):
    """Return |k| of every mode, shape (n,)*d."""
    axis = 2 * np.pi * np.fft.fftfreq(n, box_length / n)
    return np.sqrt(sum(k**2 for k in np.meshgrid(*[axis] * d, indexing="ij", sparse=True)))


@cache
def shells(n=N, box_length=L, d=2):
    """Return the values of |k|, each once, and which of them each mode has, shape (n,)*d."""
    return np.unique(wavenumbers(n, box_length, d), return_inverse=True)


def gaussian(power, rng):
    """Return a real Gaussian field of mean 0 with the mode powers `power`, (n,)*d."""
    half = np.sqrt(power[..., : power.shape[-1] // 2 + 1])  # a real field's other half mirrors it
    half.flat[0] = 0
    axes = range(power.ndim)
    modes = half * np.fft.rfftn(rng.standard_normal(power.shape), axes=axes)
    return np.fft.irfftn(modes, power.shape, axes)


def density(f):
    """Return rho = 1 + 0.3 f / std f."""
    return 1 + 0.3 * f / f.std()


def lines_power(slope, height, lines=TARGETS, width=LINE_WIDTH, n=N, box_length=L):
    """Return exp(-slope k) (1 + height x a Gaussian line at each of `lines`)."""
    k, place = shells(n, box_length)
    power = np.exp(-slope * k)
    if height != 0:
        bumps = sum(np.exp(-((k - line) ** 2) / (2 * width**2)) for line in lines)
        power *= 1 + height * bumps
    return power[place]


def planted(seed, slope, height, lines=TARGETS, n=N, box_length=L, width=LINE_WIDTH):
    """Return a density with lines."""
    rng = np.random.default_rng(seed)
    return density(gaussian(lines_power(slope, height, lines, width, n, box_length), rng))
