"""Whether the field is resolved, by the power at the end of its spectrum."""

import numpy as np
from numpy.typing import ArrayLike

from irer.base.band import half_band

UNDER_RESOLVED = 1e-4  # tail ratio above which a run is flagged


def tail_ratio(psi: ArrayLike, dealias: float) -> float:
    """Return the mean shell power of `psi` at the end of the band over the largest shell mean.

    `psi`, (N,)*d, is real or complex. The shells are those of |n| = 0..M, M = dealias N / 2, and
    the end is their last tenth. 0 for a field that is zero everywhere.
    """
    spectrum = np.fft.fftn(np.asarray(psi))
    n_grid, d = spectrum.shape[0], spectrum.ndim
    last = int(half_band(n_grid, dealias))
    line = np.fft.fftfreq(n_grid, 1 / n_grid)
    axes = np.meshgrid(*[line] * d, indexing="ij", sparse=True)
    shell = np.rint(np.sqrt(sum(axis**2 for axis in axes))).astype(np.int64).ravel()
    power = (spectrum.real**2 + spectrum.imag**2).ravel()
    means = (np.bincount(shell, power) / np.bincount(shell))[: last + 1]
    largest = means.max()
    return float(means[-max(1, -(-last // 10)) :].mean() / largest) if largest else 0.0
