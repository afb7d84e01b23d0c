"""Analytic two-objective problems in the hunt's own box, for benchmarks/search.py.

A problem maps unit coordinates z, (7,), to (f1, f2), both minimised, 0 <= f1 <= 2 and f2 >= 0, or
to None where a run fails. Where its optimum lies is drawn from the instance's seed, away from the
bounds and the centre, so that no sampler profits from where it looks first.

`Noise` adds the luck of a seed to f1: normal, with a given share of f1's variance over the box, of
one size everywhere or rising along a parameter that the instance's seed draws.

BENCHMARK is what the tables quote. DEVELOPMENT are other problems, on which samplers were
compared and chosen before they met the first set.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 7

Unit = NDArray[np.float64]
Values = tuple[float, float] | None
Instance = Callable[[Unit], Values]


@dataclass(frozen=True)
class Problem:
    """`make(rng)` draws an instance; its hypervolume is that below `reference`."""

    name: str
    make: Callable[[np.random.Generator], Instance]
    reference: tuple[float, float]
    logarithmic: bool = False  # measure f2 (and its reference) as log10

    def point(self, values: tuple[float, float]) -> tuple[float, float]:
        """Return where `values` lie for the hypervolume."""
        return (values[0], float(np.log10(max(values[1], 1e-6)))) if self.logarithmic else values


@dataclass(frozen=True)
class Noise:
    """`share` of the variance of f1 is the seed's; with `varies` its deviation rises e^2-fold."""

    share: float = 0.0
    varies: bool = False

    @property
    def name(self) -> str:
        """The noise as tables write it."""
        return f"{100 * self.share:.0f}%" + (" varying" if self.varies else "")

    def deviation(self, instance: Instance, rng: np.random.Generator) -> Callable[[Unit], float]:
        """Return the deviation of f1 between seeds at a point, for an instance."""
        found = [values for z in rng.uniform(size=(2000, DIMENSIONS)) if (values := instance(z))]
        usual = float(np.std([f1 for f1, _ in found])) * np.sqrt(self.share / (1 - self.share))
        rising = int(rng.integers(DIMENSIONS))
        rate = 2.0 if self.varies else 0.0
        mean_square = (np.exp(rate) - np.exp(-rate)) / (2 * rate) if rate else 1.0  # over the box
        return lambda z: float(usual * np.exp(rate * (z[rising] - 0.5)) / np.sqrt(mean_square))


def inside(rng: np.random.Generator, n: int = DIMENSIONS) -> Unit:
    """Draw a place that is neither at the bounds nor, as a whole, at the centre."""
    return np.asarray(rng.uniform(0.15, 0.85, n))


def ridge(rng: np.random.Generator) -> Instance:
    """f1 has four wells of different depth and width, f2 a narrow curved ridge."""
    centres = np.array([inside(rng) for _ in range(4)])
    depths, widths = np.array([1.0, 0.8, 0.6, 0.5]), np.array([0.4, 0.5, 0.6, 0.7])
    phase, along, across = rng.uniform(0, 2 * np.pi), *rng.permutation(DIMENSIONS)[:2]
    rest = inside(rng)

    def at(z: Unit) -> Values:
        distances = np.sum((z - centres) ** 2, axis=1)
        f1 = 2 - 2 * np.max(depths * np.exp(-distances / (2 * widths**2)))
        off = abs(z[across] - 0.5 - 0.3 * np.sin(np.pi * z[along] + phase))
        return float(f1), float(off / (off + 0.05) + 0.2 * np.sum((z - rest) ** 2))

    return at


def _zdt(shape: Callable[[float, float], float]) -> Callable[[np.random.Generator], Instance]:
    """Zitzler, Deb and Thiele's construction, its optimum moved inside and its axes shuffled."""

    def make(rng: np.random.Generator) -> Instance:
        order, optimum = rng.permutation(DIMENSIONS), inside(rng)

        def at(z: Unit) -> Values:
            f1 = float(z[order[0]])
            off = np.abs(z - optimum)[order[1:]] / np.maximum(optimum, 1 - optimum)[order[1:]]
            g = 1 + 9 * float(np.mean(off))
            return f1, shape(f1, g)

        return at

    return make


def _zdt1(f1: float, g: float) -> float:
    return g * (1 - np.sqrt(f1 / g))


def _zdt2(f1: float, g: float) -> float:
    return g * (1 - (f1 / g) ** 2)


def _zdt3(f1: float, g: float) -> float:
    return 1 + g * (1 - np.sqrt(f1 / g) - f1 / g * np.sin(10 * np.pi * f1))


def failing(rng: np.random.Generator) -> Instance:
    """Distances from two places; beyond a plane, in 30% of the box, every run fails."""
    first, second = inside(rng), inside(rng)
    normal = rng.normal(size=DIMENSIONS)
    limit = np.quantile(rng.uniform(size=(20_000, DIMENSIONS)) @ normal, 0.7)

    def at(z: Unit) -> Values:
        if z @ normal > limit:
            return None
        return float(np.mean((z - first) ** 2)), float(np.mean((z - second) ** 2))

    return at


BENCHMARK = (
    Problem("ridge", ridge, (2.0, 2.0)),
    Problem("zdt1", _zdt(_zdt1), (1.1, 6.0)),
    Problem("zdt2", _zdt(_zdt2), (1.1, 6.0)),
    Problem("zdt3", _zdt(_zdt3), (1.1, 6.0)),
    Problem("failing", failing, (0.3, 0.3)),
)


def ellipsoids(rng: np.random.Generator) -> Instance:
    """Two rotated quadratic bowls whose axes differ up to thirtyfold."""
    rotation = np.linalg.qr(rng.normal(size=(DIMENSIONS, DIMENSIONS)))[0]
    first, second = inside(rng), inside(rng)
    scales = np.logspace(-1.5, 0, DIMENSIONS)

    def at(z: Unit) -> Values:
        one = np.sum(scales * (rotation @ (z - first)) ** 2)
        two = np.sum(scales[::-1] * (rotation @ (z - second)) ** 2)
        return float(min(one, 2.0)), float(two)

    return at


def decades(rng: np.random.Generator) -> Instance:
    """f1 is wavy and falls only near its optimum, f2 falls over four decades elsewhere."""
    first, second, frequency = inside(rng), inside(rng), rng.uniform(2, 4, DIMENSIONS)
    weights = rng.dirichlet(np.ones(DIMENSIONS)) * DIMENSIONS

    def at(z: Unit) -> Values:
        waves = np.mean(np.sin(2 * np.pi * frequency * (z - first)) ** 2)
        near = np.exp(-np.sum(weights * (z - first) ** 2) / 0.5)
        f2 = 10 ** (-4 + 4 * np.sqrt(np.mean(weights * (z - second) ** 2)) / 0.6)
        return float(2 - 2 * near * (1 - 0.3 * waves)), float(f2)

    return at


def rough(rng: np.random.Generator) -> Instance:
    """A broad well under noise as large as what is to be gained; f2 rises with one parameter."""
    well, chosen = inside(rng), rng.permutation(DIMENSIONS)[:3]
    directions = rng.normal(size=(64, DIMENSIONS)) * 40
    phases = rng.uniform(0, 2 * np.pi, 64)

    def at(z: Unit) -> Values:
        noise = np.sqrt(2 / 64) * np.sum(np.cos(directions @ z + phases))
        f1 = 1.6 - 0.4 * np.exp(-np.sum((z - well)[chosen] ** 2) / 0.1) + 0.1 * noise
        f2 = 0.02 + 0.3 * z[chosen[0]] + 0.1 * abs(noise)
        return float(np.clip(f1, 0, 2)), float(f2)

    return at


def hollow(rng: np.random.Generator) -> Instance:
    """A Kursawe-like pair; runs fail in a ball around the place where f1 is smallest."""
    first, second = inside(rng), inside(rng)
    distances = np.linalg.norm(rng.uniform(size=(20_000, DIMENSIONS)) - first, axis=1)
    radius = np.quantile(distances, 0.15)

    def at(z: Unit) -> Values:
        away = np.linalg.norm(z - first)
        if away < radius:
            return None
        f2 = np.mean(np.abs(z - second) ** 0.8 + 0.2 * np.sin(8 * (z - second)) ** 2)
        return float(away), float(f2)

    return at


def terraces(rng: np.random.Generator) -> Instance:
    """Each parameter adds its own share to both; one of them in steps and waves."""
    first, second, special = inside(rng), inside(rng), rng.integers(DIMENSIONS)
    powers, weights = rng.uniform(0.7, 2, DIMENSIONS), rng.dirichlet(np.ones(DIMENSIONS) * 3)
    waves, phase = rng.uniform(2, 4), rng.uniform(0, 2 * np.pi)

    def at(z: Unit) -> Values:
        wave = 0.15 * (1 + np.sin(2 * np.pi * waves * z[special] + phase))
        one = float(np.sum(weights * np.abs(z - first) ** powers))
        two = float(np.sum(weights[::-1] * np.abs(z - second) ** powers[::-1]))
        return one + wave, two + 0.3 * wave

    return at


DEVELOPMENT = (
    Problem("terraces", terraces, (0.6, 0.6)),
    Problem("ellipsoids", ellipsoids, (0.6, 0.6)),
    Problem("decades", decades, (2.0, 0.0), logarithmic=True),
    Problem("rough", rough, (1.8, 0.5)),
    Problem("hollow", hollow, (1.5, 0.8)),
)
