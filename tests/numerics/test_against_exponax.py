"""The same equation in the same scheme by other authors: exponax (Koehler & Thuerey, 2024).

exponax holds real fields and real linear operators, so the comparison is the flat equation at
c1 = 0: psi = u + i v, c3 free, ETDRK4 on both sides, the same retained modes (its fraction 1/2
keeps |n_i| <= N/4 - 1) and the same steps. It computes the coefficients by contour integrals and
transforms two real fields where we transform one complex field.
"""

import exponax as ex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from tests.numerics.exact import relative_error


class Reaction(ex.nonlin_fun.BaseNonlinearFun):
    """-(1 + i c3) |psi|^2 psi for the channels u, v."""

    c3: float

    def __init__(self, d: int, n: int, c3: float):
        super().__init__(d, n, dealiasing_fraction=0.5)
        self.c3 = c3

    def __call__(self, fields_hat):
        u, v = self.ifft(fields_hat)
        density = u**2 + v**2
        return self.fft(jnp.stack([-density * (u - self.c3 * v), -density * (v + self.c3 * u)]))


class GinzburgLandau(ex.BaseStepper):
    """The flat equation at c1 = 0, written with exponax's own building blocks."""

    epsilon: float
    c3: float

    def __init__(self, d: int, length: float, n: int, dt: float, epsilon: float, c3: float):
        self.epsilon, self.c3 = epsilon, c3
        super().__init__(d, length, n, dt, num_channels=2, order=4)

    def _build_linear_operator(self, derivative_operator):
        laplacian = ex.spectral.build_laplace_operator(derivative_operator)
        return jnp.concatenate([laplacian + self.epsilon] * 2)

    def _build_nonlinear_fun(self, derivative_operator):
        return Reaction(self.num_spatial_dims, self.num_points, self.c3)


def both(d: int, precision: str, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """psi after `steps` steps from the same band-limited field: the solver's and exponax's."""
    n = 64 if d == 2 else 32
    config = SimulationConfig(
        model="sncgl_flat", dimensions=d, N_grid=n, box_length=0.6 * n, dt=0.1, T_steps=steps,
        n_frames=1, n_snapshots=1, precision=precision, step_control="fixed",
        sncgl_params=SncglParams(epsilon=0.9, c1=0.0, c3=-1.4, g_nonlocal=0.0),
    )  # fmt: skip
    start = simulate(config.model_copy(update={"T_steps": 1, "initial_amplitude": 0.3})).psi
    ours = simulate(config, psi0=start).psi
    with jax.enable_x64(precision == "float64"):
        o = config.sncgl_params
        stepper = GinzburgLandau(d, config.box_length, n, config.dt, o.epsilon, o.c3)
        run = jax.jit(ex.repeat(stepper, steps))
        u, v = run(jnp.stack([jnp.asarray(start.real), jnp.asarray(start.imag)]))
        theirs = np.asarray(u) + 1j * np.asarray(v)
    assert theirs.dtype == ours.dtype
    return ours, theirs


@pytest.mark.parametrize("d", [2, 3])
def test_float64_agrees_with_exponax_to_round_off(d: int) -> None:
    ours, theirs = both(d, "float64", 200)
    assert relative_error(ours, theirs) < 1e-12


@pytest.mark.parametrize("d", [2, 3])
def test_float32_agrees_with_exponax_to_the_growth_of_its_round_off(d: int) -> None:
    ours, theirs = both(d, "float32", 200)
    assert relative_error(ours, theirs) < 1e-4
