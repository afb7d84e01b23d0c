"""Betti numbers, diagrams and entropies of shapes whose topology is known."""

import math

import numpy as np
import pytest

from irer.base.errors import ConfigError
from irer.validation.topology import Persistence, betti_levels, persistent_homology


def betti(rho, level):
    return [int(each.betti(level)) for each in persistent_homology(rho)]


def distance(n, d, centre):
    """Return the distance of every point from `centre` on the torus of side n."""
    offsets = [(np.arange(n) - c + n / 2) % n - n / 2 for c in centre]
    return np.sqrt(sum(o**2 for o in np.meshgrid(*offsets, indexing="ij", sparse=True)))


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("count", [1, 3, 7])
def test_separate_blobs(d, count):
    rng = np.random.default_rng(count)
    cells = rng.permutation(4**d)[:count]  # one blob a cell of 12 points, across edges too
    places = [12 * np.array(np.unravel_index(cell, (4,) * d)) for cell in cells]
    rho = sum(np.exp(-(distance(48, d, place) ** 2) / 8) for place in places)
    assert betti(rho, 0.5) == [count] + [0] * (d - 1)


def test_a_ring_has_a_hole():
    rho = np.exp(-((distance(64, 2, (3, 60)) - 15) ** 2) / 8)
    assert betti(rho, 0.5) == [1, 1]


def test_a_hollow_shell_and_a_ring_in_space():
    r = distance(32, 3, (5, 16, 30))
    assert betti(np.exp(-((r - 9) ** 2) / 4), 0.5) == [1, 0, 1]
    flat = distance(32, 2, (5, 16))[:, :, None]
    height = np.abs((np.arange(32) - 20 + 16) % 32 - 16)
    torus = np.exp(-((flat - 9) ** 2 + height**2) / 6)
    assert betti(torus, 0.5) == [1, 1, 0]


def test_a_stripe_and_a_sheet_through_the_box_close_on_themselves():
    x = np.arange(32)
    stripe = np.exp(-((x - 3) ** 2) / 8)
    assert betti(np.broadcast_to(stripe, (32, 32)), 0.5) == [1, 1]
    assert betti(np.broadcast_to(stripe, (32, 32, 32)), 0.5) == [1, 2, 1]
    pillar = np.exp(-(distance(32, 2, (0, 31)) ** 2) / 8)
    assert betti(np.broadcast_to(pillar[:, :, None], (32, 32, 32)), 0.5) == [1, 1, 0]


@pytest.mark.parametrize("d", [2, 3])
def test_the_whole_torus(d):
    rho = np.random.default_rng(0).random((16,) * d)
    assert betti(rho, rho.min()) == [math.comb(d, i) for i in range(d)]
    assert [len(each.essential) for each in persistent_homology(rho)] == [
        math.comb(d, i) for i in range(d)
    ]


@pytest.mark.parametrize("d", [2, 3])
def test_a_constant_has_the_torus_alone(d):
    for each in persistent_homology(np.full((16,) * d, 0.7)):
        assert len(each.births) == 0
        assert (each.total, each.entropy) == (0, 0)
        assert each.essential.tolist() == [0.7] * math.comb(d, each.dimension)


def test_peaks_live_from_their_height_to_their_saddle():
    """Two peaks of height 1 and 0.6 on a plain at 0: the lower one is born at 0.6, dies at 0."""
    rho = np.zeros((32, 32))
    rho[4, 4], rho[20, 20] = 1.0, 0.6
    components = persistent_homology(rho)[0]
    assert components.essential.tolist() == [1.0]
    assert (components.births.tolist(), components.deaths.tolist()) == ([0.6], [0.0])
    assert components.total == pytest.approx(0.6)


def test_entropy_and_total_persistence():
    births = np.array([1.0, 0.9, 0.8, 0.7])
    equal = Persistence(0, births, births - 0.5, np.array([1.2]))
    assert equal.entropy == pytest.approx(math.log(4))
    assert equal.total == pytest.approx(2)
    uneven = Persistence(0, births[:2], births[:2] - np.array([0.3, 0.1]), np.zeros(0))
    assert uneven.entropy == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))
    assert equal.betti([1.3, 1.1, 0.95, 0.5, 0.45]).tolist() == [0, 1, 2, 4, 4]


def test_curves_agree_with_a_count_of_cells():
    """beta_0 - beta_1 (+ beta_2) is the Euler characteristic of the cells, counted here."""
    rng = np.random.default_rng(1)
    for shape in ((12, 12), (8, 8, 8)):
        rho = rng.random(shape)
        homology, levels = persistent_homology(rho), betti_levels(rho)
        curves = sum((-1) ** each.dimension * each.betti(levels) for each in homology)
        for level, value in zip(levels[1:-1:20], curves[1:-1:20], strict=True):
            assert value == euler(rho >= level), level


def euler(mask):
    """Return the Euler characteristic of a union of closed cells of a periodic grid."""
    total, axes = 0, range(mask.ndim)
    for choice in range(2**mask.ndim):
        faces = mask
        thin = [axis for axis in axes if choice >> axis & 1]
        for axis in thin:  # a face between two cells belongs to the union if either does
            faces = faces | np.roll(faces, 1, axis)
        total += (-1) ** (mask.ndim - len(thin)) * int(faces.sum())
    return total


@pytest.mark.parametrize(
    "rho", [np.ones(8), np.ones((8, 4)), np.ones((8, 8), complex), np.full((8, 8), np.nan)]
)
def test_wrong_densities_are_refused(rho):
    with pytest.raises(ConfigError, match="rho: must be"):
        persistent_homology(rho)
