"""The periodic box, its wavenumbers, and the spectra that dealiasing leaves."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irer.base.band import half_band
from irer.base.errors import ConfigError


@dataclass(frozen=True)
class Grid:
    """N points a side on the periodic box [0, L)^d, and the modes that dealiasing retains.

    A mode with integer wavenumbers n_i is retained if |n_i| < dealias N/2 in every direction;
    1/2 makes cubic products of retained fields exact on the retained modes (Orszag's rule, one
    degree higher). Spectra hold the retained modes alone:

    - of a complex field (n_modes,)*d, every axis from n = -(n_half - 1) upwards;
    - of a real field n_half long in the axis of the last direction, n >= 0, and n_modes in the
      others, in the order of an FFT.

    In 3-D the axes of both are those of the directions y, z, x (`spectral_axes`), the order in
    which the pruned transforms of `irer.spectral.transforms` leave them.
    """

    N: int  # points per side, even
    L: float  # side, simulation units
    d: int = 2
    dealias: float = 0.5

    def __post_init__(self) -> None:
        if self.N < 4 or self.N % 2:
            raise ConfigError.of_field("N_grid", f"must be even and at least 4, got {self.N}")
        if not 0 < self.L < math.inf:
            raise ConfigError.of_field("box_length", f"must be finite and above 0, got {self.L}")
        if not 0 < self.dealias <= 1:
            raise ConfigError.of_field("dealias", f"must be above 0, to 1, got {self.dealias}")
        if self.d not in (2, 3):
            raise ConfigError.of_field("dimensions", f"must be 2 or 3, got {self.d}")

    @property
    def n_half(self) -> int:
        """Retained modes with n >= 0 in one direction."""
        return math.ceil(half_band(self.N, self.dealias))

    @property
    def n_modes(self) -> int:
        """Retained modes in one direction."""
        return 2 * self.n_half - 1

    @property
    def k_min(self) -> float:
        """Spacing of the modes, 2 pi / L, radians per unit length."""
        return 2 * math.pi / self.L

    @property
    def spectral_axes(self) -> tuple[int, ...]:
        """The physical direction of each axis of a spectrum."""
        return (0, 1) if self.d == 2 else (1, 2, 0)

    def wavenumbers(self, *, real: bool = False) -> list[NDArray[np.float64]]:
        """Return k along each physical direction, broadcastable over a spectrum.

        Radians per unit length. With `real`, for the spectrum of a real field.
        """
        m = self.n_half
        centred = np.arange(1 - m, m)
        lines: list[NDArray[Any]] = [np.roll(centred, m) if real else centred] * self.d
        if real:
            lines[self.d - 1] = np.arange(m)
        return [
            self.k_min * _along(lines[axis], self.spectral_axes.index(axis), self.d)
            for axis in range(self.d)
        ]

    def k_squared(self, *, real: bool = False) -> NDArray[np.float64]:
        """Return |k|^2 on the spectrum of a complex or, with `real`, of a real field."""
        return np.asarray(sum(k**2 for k in self.wavenumbers(real=real)))

    def k_squared_full(self) -> NDArray[np.float64]:
        """Return |k|^2 on all N modes a side, in `fftn`'s layout."""
        line = np.fft.fftfreq(self.N, 1 / self.N)
        return self.k_min**2 * np.asarray(sum(_along(line**2, a, self.d) for a in range(self.d)))


def _along(values: NDArray[Any], axis: int, dimensions: int) -> NDArray[np.float64]:
    """Return `values` so that they vary along one axis of an array."""
    return values.reshape((-1,) + (1,) * (dimensions - 1 - axis)).astype(float)
