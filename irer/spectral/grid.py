"""The periodic box and its wavenumbers."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.errors import ConfigError


@dataclass(frozen=True)
class Grid:
    """N points a side on the periodic box [0, L)^d, and the modes that dealiasing retains.

    A mode with integer wavenumbers n_i is retained if |n_i| < dealias N/2 in every direction;
    1/2 makes cubic products of retained fields exact on the retained modes (Orszag's rule, one
    degree higher). A *compact spectrum* holds the retained modes alone: (n_modes,)*d for a
    complex field; a real field's has `n_half` in its axis d-2, where only n >= 0 is stored.
    Spectral axis j belongs to physical axis (j + 1) mod d, the order in which the transforms
    of `irer.spectral.transforms` come out.
    """

    N: int  # points per side, even
    L: float  # side, simulation units
    d: int = 2
    dealias: float = 0.5

    def __post_init__(self) -> None:
        if self.N < 4 or self.N % 2:
            raise ConfigError.of_field("N_grid", f"must be even and at least 4, got {self.N}")
        if self.L <= 0:
            raise ConfigError.of_field("box_length", f"must be above 0, got {self.L}")

    @property
    def n_half(self) -> int:
        """Retained modes with n >= 0 in one direction."""
        return math.ceil(self.dealias * self.N / 2)

    @property
    def n_modes(self) -> int:
        """Retained modes in one direction."""
        return 2 * self.n_half - 1

    @property
    def k_min(self) -> float:
        """Spacing of the modes, 2 pi / L, radians per unit length."""
        return 2 * math.pi / self.L

    def modes(self) -> NDArray[np.int64]:
        """Return the retained integer wavenumbers of one direction in FFT order, (n_modes,)."""
        m = self.n_half
        return np.concatenate([np.arange(m), np.arange(1 - m, 0)])

    def wavenumbers(self, *, real: bool = False) -> list[NDArray[np.float64]]:
        """Return k along each *physical* axis, broadcastable over the compact spectrum.

        Radians per unit length. With `real`, for the compact spectrum of a real field.
        """
        vectors = [self.modes()] * self.d
        if real:
            vectors[self.d - 2] = np.arange(self.n_half)
        shaped: list[NDArray[np.float64]] = [
            self.k_min * vector.reshape((-1,) + (1,) * (self.d - 1 - axis)).astype(float)
            for axis, vector in enumerate(vectors)
        ]
        return [shaped[(axis - 1) % self.d] for axis in range(self.d)]

    def k_squared(self, *, real: bool = False) -> NDArray[np.float64]:
        """Return |k|^2 on the compact spectrum."""
        return np.asarray(sum(k**2 for k in self.wavenumbers(real=real)))

    def k_squared_full(self) -> NDArray[np.float64]:
        """Return |k|^2 on the full half-spectrum of `rfftn`, (N,)*(d-1) + (N/2+1,)."""
        k = self.k_min * np.fft.fftfreq(self.N, 1 / self.N)
        last = self.k_min * np.arange(self.N // 2 + 1)
        axes = (*[k] * (self.d - 1), last)
        shaped = (v.reshape((-1,) + (1,) * (self.d - 1 - i)) for i, v in enumerate(axes))
        return np.asarray(sum(v**2 for v in shaped))
