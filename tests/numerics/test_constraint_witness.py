"""H by the validator against H written out here: 6th-order differences on the raw arrays."""

import numpy as np
import pytest

from irer.validation import constraint_norms

KAPPA, L = 0.7, 20.0
# 7-point central stencils of 6th order.
FIRST = np.array([-1, 9, -45, 0, 45, -9, 1]) / 60
SECOND = np.array([2, -27, 270, -490, 270, -27, 2]) / 180


def slope(field, axis, weights):
    """Apply a stencil along an axis of a periodic array."""
    shifts = range(-3, 4)
    return sum(w * np.roll(field, -s, axis) for s, w in zip(shifts, weights, strict=True))


def norms(psi, u):
    """Return the L2 norm of H, weighted with Omega^d, and its maximum."""
    d, h = psi.ndim, L / len(psi)
    square = sum(abs(slope(psi, a, FIRST) / h) ** 2 for a in range(d))
    u_square = sum((slope(u, a, FIRST) / h) ** 2 for a in range(d))
    u_bend = sum(slope(u, a, SECOND) / h**2 for a in range(d))
    rho = square / 2 + abs(psi) ** 4 / 4
    curvature = -(2 * (d - 1) * u_bend + (d - 1) * (d - 2) * u_square) / np.exp(u) ** 2
    H = curvature + 2 * KAPPA * rho.mean() - 2 * KAPPA * rho / np.exp(u) ** 4
    return np.sqrt(np.average(H**2, weights=np.exp(u) ** d)), abs(H).max()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("n", "d"), [(128, 2), (64, 3)])
def test_h_agrees_where_the_grid_is_fine(n, d, seed):
    """Random modes with |k_i| dx <= 0.2: the differences err by (k dx)^6 / 140."""
    rng, reach = np.random.default_rng([d, seed]), int(0.2 * n / (2 * np.pi))

    def field(rms):
        modes = np.ix_(*[range(-reach, reach + 1)] * d)
        hat = np.zeros((n,) * d, complex)
        draw = rng.standard_normal((2, *(2 * reach + 1,) * d))
        hat[modes] = draw[0] + 1j * draw[1]
        found = np.fft.ifftn(hat)
        return rms * found / np.sqrt(np.mean(abs(found) ** 2))

    psi, u = field(0.8), field(0.2).real
    found, (l2, largest) = constraint_norms(psi, u, L, KAPPA), norms(psi, u)
    assert found.l2 == pytest.approx(l2, rel=1e-6)
    assert found.max == pytest.approx(largest, rel=1e-6)
    assert found.l2_finite_difference == pytest.approx(l2, rel=1e-10)
