"""Persistent homology of a density on its periodic box: its peaks, rings and voids.

Superlevel sets {rho >= level}, the level falling from the highest density to the lowest: a
class is born at a level and dies at a lower one. The sets are unions of closed grid cells, so
cells that meet in a corner are connected. Coefficients are Z/2. The box is periodic in every
direction, so the classes of the whole torus never die.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.errors import ConfigError
from irer.validation.combs import Array

LEVELS = 200  # of the Betti curves


@dataclass(frozen=True)
class Persistence:
    """The classes of one dimension; a class is born at a level, dies at a lower one."""

    dimension: int
    births: Array  # (C,), levels of rho, of the classes that die
    deaths: Array  # (C,), lower levels
    essential: Array  # (E,), births of the classes that never die

    @property
    def lifetimes(self) -> Array:
        """Birth less death of the classes that die."""
        return self.births - self.deaths

    @property
    def total(self) -> float:
        """The sum of the lifetimes."""
        return float(self.lifetimes.sum())

    @property
    def entropy(self) -> float:
        """-sum p ln p, p a lifetime over their sum: ln C for C equal ones, 0 for one or none."""
        if not len(self.births):
            return 0.0
        share = self.lifetimes / self.total
        return float(-(share * np.log(share)).sum()) + 0.0  # no -0

    def betti(self, levels: ArrayLike) -> NDArray[np.int64]:
        """Return how many classes {rho >= level} has at each of `levels`."""
        at = np.asarray(levels, dtype=np.float64)[..., None]
        alive = ((self.births >= at) & (self.deaths < at)).sum(axis=-1)
        return np.asarray(alive + (self.essential >= at).sum(axis=-1))


def persistent_homology(rho: ArrayLike) -> tuple[Persistence, ...]:
    """Return the persistence of H_0 .. H_(d-1) of `rho`, real, shape (N,)*d, d = 2 or 3.

    Classes that die at the level of their birth are left out. Raises ConfigError for a
    wrong shape or a number that is not finite.
    """
    from gudhi import PeriodicCubicalComplex  # slow to load, and the validator does not need it

    field = np.asarray(rho)
    if field.ndim not in (2, 3) or len(set(field.shape)) != 1 or not np.isrealobj(field):
        raise ConfigError.of_field("rho", f"must be real of shape (N,)*d, got {field.shape}")
    field = field.astype(np.float64)
    if not np.isfinite(field).all():
        raise ConfigError.of_field("rho", "must be finite everywhere")
    cells = PeriodicCubicalComplex(
        top_dimensional_cells=-field, periodic_dimensions=[True] * field.ndim
    )
    cells.compute_persistence(homology_coeff_field=2, min_persistence=0)
    found = []
    for dimension in range(field.ndim):
        pairs = -np.asarray(cells.persistence_intervals_in_dimension(dimension)).reshape(-1, 2)
        lasting = np.isneginf(pairs[:, 1])
        births, deaths = pairs[~lasting & (pairs[:, 0] > pairs[:, 1])].T
        found.append(Persistence(dimension, births, deaths, pairs[lasting, 0]))
    return tuple(found)


def betti_levels(rho: ArrayLike) -> Array:
    """Return the levels of the Betti curves, from the highest density to the lowest."""
    return np.linspace(np.max(rho), np.min(rho), LEVELS)
