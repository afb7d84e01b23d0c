r"""Side bands of a plane wave of the whole system: Benjamin-Feir with a geometry that answers.

Around the exact solution of docs/equations.md, psi0 = sqrt(r) exp(i (q.x - w t)), u = 0, with
r = (epsilon - q^2)/(1 + g K^(0)) and w = c1 q^2 + c3 r, put

    psi = exp(i (q.x - w t)) [sqrt(r) + a exp(i p.x) + b exp(-i p.x)],  u = U exp(i p.x) + c.c.

and keep what is linear in a, b, U (p != 0). Write k = K^(|p|), m^2 = 4 kappa rho0/(d-1),
rho0 = r q^2/2 + r^2/4.

- Lap_g psi = exp(-2u) [lap psi + (d-2) grad u . grad psi]. In first order u multiplies
  -2 lap psi0 = 2 q^2 psi0, and (d-2) grad u . grad psi0 has the amplitude (i p U) . (i q) sqrt(r)
  at +p and, from the conjugate of U, (-i p) . (i q) = + p.q at -p. With
  s(+-) = sqrt(r) [2 q^2 -+ (d-2) p.q] the geometry adds (1 + i c1) s(+) U to da/dt and
  (1 + i c1) s(-) U* to db/dt.
- |psi|^2 psi gives 2 r a + r b*, and K * |psi|^2 psi gives K^(0) r a + k r (a + b*). The wave's own
  equation turns epsilon + i w - 2 (1 + i c3) r - g K^(0) r into (1 + i c1) q^2 - (1 + i c3) r.
- The flux of Re(grad psi0* . grad psi) and of r Re(psi0* psi) make the amplitude of rho_info
  sqrt(r)/2 {[q.(q+p) + r] a + [q.(q-p) + r] b*}; <rho_info> changes in second order only, so
  that d u/dt is -lambda (p^2 + m^2) U + lambda kappa/(d-1) times it.

With z1 = 1 + i c1 and n = 1 + i c3 + g k, and the conjugate of the equation of b:

           | z1 (q^2 - |q+p|^2) - n r    -n r                            z1 s(+)           |
    M  =   | -n* r                       z1* (q^2 - |q-p|^2) - n* r      z1* s(-)          |
           | f [q.(q+p) + r]             f [q.(q-p) + r]                 -lambda (p^2+m^2) |

on (a, b*, U), f = lambda kappa sqrt(r) / (2 (d-1)). At kappa = 0 or q = 0 its upper left block is
the Benjamin-Feir problem of the flat equation (Benjamin & Feir, J. Fluid Mech. 27 (1967) 417;
Stuart & DiPrima, Proc. R. Soc. A 362 (1978) 27).
"""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate

SIDE = 8 * math.pi  # wavenumbers are multiples of 1/4
TINY = 1e-5  # its square, and round-off over it, bound the error of what is linear


@dataclass(frozen=True)
class Case:
    """A plane wave and a side band, in multiples of the box's wavenumber."""

    q: tuple[int, ...]
    p: tuple[int, ...]
    params: SncglParams

    @property
    def d(self) -> int:
        return len(self.q)

    @property
    def vectors(self) -> tuple[np.ndarray, np.ndarray]:
        """q and p in radians per unit length."""
        spacing = 2 * math.pi / SIDE
        return spacing * np.array(self.q, float), spacing * np.array(self.p, float)

    @property
    def intensity(self) -> float:
        """r = |psi0|^2."""
        q, _ = self.vectors
        return (self.params.epsilon - q @ q) / (1 + self.params.g_nonlocal * self.kernel(0.0))

    @property
    def frequency(self) -> float:
        q, _ = self.vectors
        return self.params.c1 * (q @ q) + self.params.c3 * self.intensity

    def kernel(self, k: float) -> float:
        return math.exp(-((k - self.params.k0) ** 2) / (2 * self.params.sigma_k**2))

    def linearised(self) -> np.ndarray:
        """The matrix M of the module's docstring."""
        o, r, d = self.params, self.intensity, self.d
        q, p = self.vectors
        z1, n = 1 + 1j * o.c1, 1 + 1j * o.c3 + o.g_nonlocal * self.kernel(math.sqrt(p @ p))
        m2 = 4 * o.kappa * (r * (q @ q) / 2 + r**2 / 4) / (d - 1)
        f = o.lambda_sdg * o.kappa * math.sqrt(r) / (2 * (d - 1))
        above, below = q + p, q - p
        return np.array(
            [
                [
                    z1 * (q @ q - above @ above) - n * r,
                    -n * r,
                    z1 * math.sqrt(r) * (2 * (q @ q) - (d - 2) * (p @ q)),
                ],
                [
                    -n.conjugate() * r,
                    z1.conjugate() * (q @ q - below @ below) - n.conjugate() * r,
                    z1.conjugate() * math.sqrt(r) * (2 * (q @ q) + (d - 2) * (p @ q)),
                ],
                [f * (q @ above + r), f * (q @ below + r), -o.lambda_sdg * (p @ p + m2)],
            ]
        )

    def flat_rate(self) -> float:
        """The growth rate that the flat equation gives the same side band."""
        return np.linalg.eigvals(self.linearised()[:2, :2]).real.max()


MIXED = SncglParams(
    epsilon=1.0, c1=1.8, c3=-1.2, g_nonlocal=0.4, sigma_k=0.6, k0=0.3, kappa=0.9, lambda_sdg=3.0
)
SIMPLE = MIXED.model_copy(update={"g_nonlocal": 0.0, "c1": 1.5, "c3": -1.5, "lambda_sdg": 5.0})
CASES = {
    "2-D, q = 0": Case((0, 0), (2, 1), MIXED),
    "2-D, flat": Case((2, 0), (1, 0), MIXED.model_copy(update={"kappa": 0.0})),
    "2-D, along": Case((2, 0), (2, 0), MIXED),
    "2-D, across": Case((2, 0), (0, 2), MIXED),
    "2-D, oblique": Case((2, -1), (1, 2), MIXED),
    "2-D, local": Case((2, 0), (3, 0), SIMPLE),
    "3-D, q = 0": Case((0, 0, 0), (1, 1, 1), MIXED),
    "3-D, flat": Case((0, 2, 0), (1, 1, 0), MIXED.model_copy(update={"kappa": 0.0})),
    "3-D, along": Case((0, 0, 2), (0, 0, 2), MIXED),
    "3-D, oblique": Case((2, 0, 1), (1, -1, 1), MIXED),
}


def evolve(
    case: Case, start: np.ndarray, duration: float, dt: float, precision: str = "float64"
) -> np.ndarray:
    """Return (a, b*, U) after `duration` from `start`, by the solver."""
    n = 32 if case.d == 2 else 24
    config = SimulationConfig(
        dimensions=case.d, N_grid=n, box_length=SIDE, dt=dt, T_steps=round(duration / dt),
        n_frames=1, n_snapshots=1, precision=precision, step_control="fixed",
        sncgl_params=case.params,
    )  # fmt: skip
    x = np.meshgrid(*[np.arange(n) * SIDE / n] * case.d, indexing="ij")
    q, p = case.vectors
    wave = np.exp(1j * sum(k * xi for k, xi in zip(q, x, strict=True)))
    side = np.exp(1j * sum(k * xi for k, xi in zip(p, x, strict=True)))
    a, b_star, U = start
    psi0 = wave * (math.sqrt(case.intensity) + a * side + np.conj(b_star) * side.conj())
    result = simulate(config, psi0=psi0, u0=2 * (U * side).real)
    modulation = result.psi / wave * np.exp(1j * case.frequency * duration)
    return np.array(
        [
            np.mean(modulation * side.conj()),
            np.conj(np.mean(modulation * side)),
            np.mean(result.u * side.conj()),
        ]
    )


def exponential(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eig(matrix)
    return vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors)


@pytest.mark.parametrize("name", CASES)
def test_side_bands_evolve_by_the_exponential_of_the_linearisation(name: str) -> None:
    """All nine elements of the propagator over one time unit, phases included; then its rates."""
    case, duration = CASES[name], 1.0
    columns = [evolve(case, TINY * unit, duration, dt=0.02) / TINY for unit in np.eye(3)]
    measured, expected = np.stack(columns, axis=1), exponential(duration * case.linearised())
    np.testing.assert_allclose(measured, expected, atol=1e-7 * np.abs(expected).max())
    growth = np.log(np.abs(np.linalg.eigvals(measured)).max()) / duration
    assert growth == pytest.approx(np.linalg.eigvals(case.linearised()).real.max(), rel=1e-6)


@pytest.mark.parametrize("name", ["2-D, across", "2-D, local", "3-D, along", "3-D, oblique"])
def test_a_random_side_band_grows_at_the_coupled_rate_not_the_flat_one(name: str) -> None:
    """Benjamin-Feir misses the rate by 36 to 56%, or takes an unstable side band for stable."""
    case = CASES[name]
    rng = np.random.default_rng(1)
    start = 1e-8 * (rng.normal(size=3) + 1j * rng.normal(size=3))
    early, late = (np.linalg.norm(evolve(case, start, t, dt=0.05)) for t in (10.0, 30.0))
    coupled = np.linalg.eigvals(case.linearised()).real.max()
    assert math.log(late / early) / 20 == pytest.approx(coupled, rel=1e-5)
    assert case.flat_rate() < 0.65 * coupled
