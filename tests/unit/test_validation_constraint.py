"""The Hamiltonian constraint against closed forms and against derivatives made here."""

import math

import numpy as np
import pytest
from scipy.special import iv

from irer.base.errors import ConfigError
from irer.validation import constraint_norms

L, KAPPA = 20.0, 0.7
Q = 2 * np.pi * 3 / L  # three waves fit into the box


def x_of(n, dimensions):
    """Return the first coordinate of every grid point, shape (n,)*d."""
    x = L / n * np.arange(n)
    return np.broadcast_to(x.reshape((n,) + (1,) * (dimensions - 1)), (n,) * dimensions)


def smooth(n, dimensions, seed):
    """Return a random complex field of the modes |m_i| <= 3, the same one for every n."""
    rng = np.random.default_rng(seed)
    hat = np.zeros((n,) * dimensions, dtype=complex)
    modes = np.ix_(*[range(-3, 4)] * dimensions)
    draw = rng.standard_normal((7,) * dimensions) + 1j * rng.standard_normal((7,) * dimensions)
    hat[modes] = draw * n**dimensions / 7 ** (dimensions / 2)
    return np.fft.ifftn(hat)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("amplitude", [0, 0.8 - 0.3j])
def test_a_homogeneous_field_has_no_violation(dimensions, amplitude):
    psi = np.full((16,) * dimensions, amplitude, dtype=np.complex64)
    norms = constraint_norms(psi, np.zeros(psi.shape, np.float32), L, KAPPA)
    assert max(norms.l2, norms.relative, norms.max, norms.l2_finite_difference) < 1e-14


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_plane_wave_has_no_violation(dimensions):
    psi = 0.6 * np.exp(1j * Q * x_of(32, dimensions))
    norms = constraint_norms(psi, np.zeros(psi.shape), L, KAPPA)
    assert norms.l2 < 1e-13
    assert norms.relative < 1e-13


@pytest.mark.parametrize("a", [1e-3, 0.2, 0.5])
def test_curvature_of_a_wave_of_u_in_two_dimensions(a):
    """psi = 0, u = a cos(q x): H = 2 a q^2 cos(q x) exp(-2u), its norm by Bessel functions."""
    x = x_of(128, 2)
    norms = constraint_norms(np.zeros(x.shape), a * np.cos(Q * x), L, KAPPA)
    mean_square = 4 * a**2 * Q**4 * (iv(0, 2 * a) + iv(2, 2 * a)) / 2 / iv(0, 2 * a)
    assert norms.l2 == pytest.approx(math.sqrt(mean_square), rel=1e-12)
    assert norms.relative == pytest.approx(1, rel=1e-12)
    expected_max = np.abs(2 * a * Q**2 * np.cos(Q * x) * np.exp(-2 * a * np.cos(Q * x))).max()
    assert norms.max == pytest.approx(expected_max, rel=1e-12)


def test_curvature_of_a_wave_of_u_in_three_dimensions():
    """R = -Omega^-2 [4 u'' + 2 u'^2], weighted with Omega^3."""
    a = 0.3
    x = x_of(48, 3)
    norms = constraint_norms(np.zeros(x.shape), a * np.cos(Q * x), L, KAPPA)
    phase = 2 * np.pi * np.arange(4096) / 4096
    u = a * np.cos(phase)
    h = -np.exp(-2 * u) * (-4 * Q**2 * u + 2 * (Q * a * np.sin(phase)) ** 2)
    expected = math.sqrt((np.exp(3 * u) * h**2).sum() / np.exp(3 * u).sum())
    assert norms.l2 == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_source_of_a_standing_wave_on_a_flat_slice(dimensions):
    """psi = b cos(q x), u = 0: H = 2 kappa (<rho> - rho), whose two harmonics are known."""
    b = 0.9
    psi = b * np.cos(Q * x_of(48, dimensions))
    norms = constraint_norms(psi, np.zeros(psi.shape), L, KAPPA)
    second, fourth = -(b**2) * Q**2 / 4 + b**4 / 8, b**4 / 32
    mean = b**2 * Q**2 / 4 + 3 * b**4 / 32
    variance = (second**2 + fourth**2) / 2
    assert norms.l2 == pytest.approx(2 * KAPPA * math.sqrt(variance), rel=1e-12)
    scale = 2 * KAPPA * (mean + math.sqrt(mean**2 + variance))
    assert norms.relative == pytest.approx(norms.l2 / scale, rel=1e-12)


def test_a_homogeneous_geometry_of_the_wrong_size_violates_it():
    """u = c on psi = A: H = kappa A^4 / 2 (1 - exp(-4c)) everywhere."""
    psi, u = np.full((16, 16), 1.2), np.full((16, 16), 0.1)
    norms = constraint_norms(psi, u, L, KAPPA)
    expected = KAPPA * 1.2**4 / 2 * (1 - math.exp(-0.4))
    assert (norms.l2, norms.max) == pytest.approx((expected, expected), rel=1e-12)


def derivative(field, axis, order, step):
    """Differentiate along an axis by the 7-point central stencil of 6th order."""
    weights = {1: [-1, 9, -45, 0, 45, -9, 1], 2: [2, -27, 270, -490, 270, -27, 2]}[order]
    divisor = {1: 60 * step, 2: 180 * step**2}[order]
    points = np.arange(field.shape[axis])
    terms = [
        weight * field.take(points + offset, axis=axis, mode="wrap")
        for offset, weight in zip(range(-3, 4), weights, strict=True)
    ]
    return sum(terms) / divisor


def violation_by_differences(psi, u):
    """Return the L2 norm of H with every derivative taken by `derivative`."""
    d, step = psi.ndim, L / len(psi)
    rho = abs(psi) ** 4 / 4
    bending = np.zeros(u.shape)
    for axis in range(d):
        rho = rho + abs(derivative(psi, axis, 1, step)) ** 2 / 2
        bending += 2 * (d - 1) * derivative(u, axis, 2, step)
        bending += (d - 1) * (d - 2) * derivative(u, axis, 1, step) ** 2
    k_squared = 2 * KAPPA * d / (d - 1) * rho.mean()
    h = -bending / np.exp(2 * u) + (d - 1) / d * k_squared - 2 * KAPPA * rho / np.exp(4 * u)
    return math.sqrt(np.average(h**2, weights=np.exp(u) ** d))


@pytest.mark.parametrize(("n", "dimensions", "rel"), [(64, 2, 2e-4), (128, 2, 4e-6), (64, 3, 2e-4)])
def test_spectral_norm_agrees_with_finite_differences_made_here(n, dimensions, rel):
    psi, u = smooth(n, dimensions, 1), 0.2 * smooth(n, dimensions, 2).real
    norms = constraint_norms(psi, u, L, KAPPA)
    assert norms.l2 == pytest.approx(violation_by_differences(psi, u), rel=rel)
    assert norms.l2_finite_difference == pytest.approx(violation_by_differences(psi, u), rel=1e-10)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_difference_of_the_two_routes_is_of_sixth_order(dimensions):
    gaps = []
    for n in (24, 48):
        psi, u = smooth(n, dimensions, 3), 0.05 * smooth(n, dimensions, 4).real
        norms = constraint_norms(psi, u, L, KAPPA)
        gaps.append(abs(norms.l2 - norms.l2_finite_difference))
    assert math.log2(gaps[0] / gaps[1]) == pytest.approx(6, abs=0.6)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_norms_do_not_know_axes_phase_or_origin(dimensions):
    psi, u = smooth(24, dimensions, 5), 0.1 * smooth(24, dimensions, 6).real
    norms = constraint_norms(psi, u, L, KAPPA)
    axes = tuple(range(dimensions))
    moved = np.roll(psi, range(1, dimensions + 1), axes).T * np.exp(0.3j)
    other = constraint_norms(moved, np.roll(u, range(1, dimensions + 1), axes).T, L, KAPPA)
    assert (other.l2, other.relative, other.max) == pytest.approx(
        (norms.l2, norms.relative, norms.max), rel=1e-10
    )
    assert 0 < norms.relative <= 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"psi": np.ones(16)}, "psi"),
        ({"psi": np.ones((16, 8))}, "psi"),
        ({"psi": np.ones((4, 4))}, "psi"),
        ({"u": np.ones((8, 8))}, "u"),
        ({"u": np.full((16, 16), np.nan)}, "psi, u"),
        ({"psi": np.full((16, 16), np.inf)}, "psi, u"),
        ({"box_length": -1.0}, "box_length"),
        ({"kappa": -0.1}, "kappa"),
        ({"kappa": np.nan}, "kappa"),
    ],
)
def test_wrong_arguments_are_named(change, field):
    given = {"psi": np.ones((16, 16)), "u": np.zeros((16, 16)), "box_length": L, "kappa": KAPPA}
    with pytest.raises(ConfigError) as caught:
        constraint_norms(**(given | change))
    assert [error.field for error in caught.value.errors] == [field]
