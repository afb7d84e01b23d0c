"""The classical constraints on slices whose values are known, and the rate of psi behind them."""

import math

import numpy as np
import pytest

from irer.base.errors import ConfigError
from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from irer.validation import classical_norms, constraint_norms, psi_rate
from tests.numerics.exact import relative_error
from tests.numerics.test_right_hand_side import smooth_fields

L, KAPPA = 20.0, 0.7
Q = 2 * np.pi * 3 / L
PARAMS = SncglParams(
    epsilon=0.7, c1=1.3, c3=-0.6, g_nonlocal=0.9, sigma_k=0.5, k0=0.4, kappa=0.8,
    source_amplitude=0.4, source_k=1.5, source_width=0.5,
)  # fmt: skip


def wave(dimensions, n=32):
    """Return exp(i Q x) on the grid, x the first coordinate."""
    x = (L / n * np.arange(n)).reshape((n,) + (1,) * (dimensions - 1))
    return np.exp(1j * Q * np.broadcast_to(x, (n,) * dimensions))


@pytest.mark.parametrize("d", [2, 3])
def test_the_rate_of_psi_is_the_solvers(d):
    """Term by term, the source with its seed included: two implementations, one equation."""
    n, length = (48, 10.0) if d == 2 else (32, 10.0)
    psi, u = smooth_fields(n, d)

    def change(dt):
        config = SimulationConfig(
            dimensions=d, N_grid=n, box_length=length, dt=dt, T_steps=1, precision="float64",
            sncgl_params=PARAMS, global_seed=9,
        )  # fmt: skip
        return (simulate(config, psi0=psi, u0=u).psi - psi) / dt

    coarse, fine = change(2e-5), change(1e-5)
    expected = psi_rate(psi, u, length, PARAMS, 9)
    assert relative_error(2 * fine - coarse, expected) < 1e-6
    assert relative_error(2 * fine - coarse, psi_rate(psi, u, length, PARAMS, 8)) > 0.1


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("amplitude", [0, 0.8 - 0.3j])
def test_a_homogeneous_field_at_rest_violates_nothing(dimensions, amplitude):
    psi = np.full((16,) * dimensions, amplitude, dtype=np.complex64)
    zero = np.zeros(psi.shape)
    norms = classical_norms(psi, zero, zero, L, KAPPA)
    assert max(norms.hamiltonian, norms.momentum) < 1e-14


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("c", [0.0, 0.2, -0.3])
def test_a_plane_wave_on_a_box_of_another_size(dimensions, c):
    """u = c, psi = sqrt(r) exp(i Q x - i w t): H = kappa Q^2 r (1 - e^-2c), M = 2 kappa w Q r e^-c.

    York's weight would make H = 2 kappa rho_info (1 - e^-4c) of it.
    """
    r, omega = 0.4, 0.9
    psi = math.sqrt(r) * wave(dimensions)
    u = np.full(psi.shape, c)
    norms = classical_norms(psi, -1j * omega * psi, u, L, KAPPA)
    expected = KAPPA * Q**2 * r * abs(1 - math.exp(-2 * c))
    assert norms.hamiltonian == pytest.approx(expected, rel=1e-12, abs=1e-13)
    assert norms.momentum == pytest.approx(2 * KAPPA * omega * Q * r * math.exp(-c), rel=1e-12)
    weighted = 2 * KAPPA * (Q**2 * r / 2 + r**2 / 4) * abs(1 - math.exp(-4 * c))
    sdg = constraint_norms(psi, u, L, KAPPA)
    assert sdg.l2 == pytest.approx(weighted, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_frequency_of_a_plane_wave_comes_from_its_rate(dimensions):
    """r = (epsilon - Q^2) / (1 + g K^(0)) and w = c1 Q^2 + c3 r: the exact solution at u = 0."""
    p = SncglParams(epsilon=1.4, c1=1.3, c3=-0.6, g_nonlocal=0.9, sigma_k=0.5, k0=0.4)
    r = (p.epsilon - Q**2) / (1 + p.g_nonlocal * math.exp(-(p.k0**2) / (2 * p.sigma_k**2)))
    psi = math.sqrt(r) * wave(dimensions)
    rate = psi_rate(psi, np.zeros(psi.shape), L, p, 0)
    assert relative_error(rate, -1j * (p.c1 * Q**2 + p.c3 * r) * psi) < 1e-12


def test_a_standing_wave_that_grows_carries_momentum_along_its_slopes():
    """psi = b cos(Q x), d_t psi = s psi: M = kappa s Q b^2 |sin(2 Q x)|, of RMS over sqrt 2."""
    b, s = 0.9, 0.3
    psi = b * wave(2).real
    norms = classical_norms(psi, s * psi, np.zeros(psi.shape), L, KAPPA)
    assert norms.momentum == pytest.approx(KAPPA * s * Q * b**2 / math.sqrt(2), rel=1e-12)


def test_curvature_is_that_of_the_sdg_constraint():
    """psi = 0 leaves the curvature alone, and that has no weight."""
    u = 0.3 * wave(3).real
    zero = np.zeros(u.shape)
    assert classical_norms(zero, zero, u, L, KAPPA).hamiltonian == pytest.approx(
        constraint_norms(zero, u, L, KAPPA).l2, rel=1e-12
    )


def test_a_rate_of_another_shape_is_refused():
    with pytest.raises(ConfigError, match="shape"):
        classical_norms(np.ones((16, 16)), np.ones((8, 8)), np.zeros((16, 16)), L, KAPPA)
