"""Plain CGL at c1 = 0 in float32 against exponax: same N, modes, dt, steps, scheme.

Both start from compiled programs and ready coefficients. exponax steps two real fields, we one
complex field; its dealiasing fraction 1/2 keeps the same |n_i| <= N/4 - 1. Two ratios: against
its `step`, as its documentation has it (from field to field), and against its `step_fourier`,
which leaves out the transforms between steps as we do.

Further lines have whole runs as a user calls them: `simulate`, set-up and fields included, against
a stepper that is built anew, its steps by field as its documentation has them, and its field as
an array of NumPy's. Compiled before, both of them.
usage: python benchmarks/solver_vs_exponax.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import alternate, pin_to_one_core, report

pin_to_one_core()

import equinox as eqx
import exponax as ex
import jax
import jax.numpy as jnp
import numpy as np

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from irer.physics.program import prepare

STEPS = {2: 40, 3: 16}
GOALS = {2: 1.7, 3: 2.2}
RUN_STEPS = {2: 400, 3: 80}
RUN_GOALS = {2: 2.0, 3: 2.6}


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
    """The flat equation at c1 = 0 as two real fields."""

    epsilon: float
    c3: float

    def __init__(self, config: SimulationConfig):
        self.epsilon, self.c3 = config.sncgl_params.epsilon, config.sncgl_params.c3
        super().__init__(
            config.dimensions, config.box_length, config.N_grid, config.dt, num_channels=2, order=4
        )

    def _build_linear_operator(self, derivative_operator):
        laplacian = ex.spectral.build_laplace_operator(derivative_operator)
        return jnp.concatenate([laplacian + self.epsilon] * 2)

    def _build_nonlinear_fun(self, derivative_operator):  # noqa: ARG002
        return Reaction(self.num_spatial_dims, self.num_points, self.c3)


def plain(d: int, n: int) -> SimulationConfig:
    """Return the plain equation at c1 = 0, to be observed at its end alone."""
    return SimulationConfig(
        model="sncgl_flat", dimensions=d, N_grid=n, box_length=0.5 * n, initial_amplitude=0.3,
        T_steps=RUN_STEPS[d], n_frames=1, n_snapshots=1, step_control="fixed",
        sncgl_params=SncglParams(c1=0.0, c3=-0.8, g_nonlocal=0.0),
    )  # fmt: skip


def runs(d: int, n: int):
    """Return a call for each side's whole run, and the largest difference over psi's mean."""
    config = plain(d, n)
    ready = prepare(config)
    psi = np.asarray(ready.program.fields(ready.state, ready.operators).psi)
    repeated = eqx.filter_jit(lambda stepper, field: ex.repeat(stepper, RUN_STEPS[d])(field))

    def ours_run():
        return simulate(config, psi0=psi).psi

    def theirs_run():
        start = jnp.asarray(np.stack([psi.real, psi.imag]))
        u, v = np.asarray(repeated(GinzburgLandau(config), start))
        return u + 1j * v

    ours, theirs = ours_run(), theirs_run()
    difference = np.abs(ours - theirs).max() / np.abs(ours).mean()
    return {"simulate": ours_run, "exponax": theirs_run}, difference


def contenders(d: int, n: int):
    """Return a call for each side, and the largest difference of their results over psi's RMS."""
    config = plain(d, n)
    ready = prepare(config)
    steps = jnp.asarray(STEPS[d], jnp.int32)
    psi = ready.program.fields(ready.state, ready.operators).psi
    stepper = GinzburgLandau(config)
    by_field = jax.jit(ex.repeat(stepper, STEPS[d]))
    by_spectrum = jax.jit(ex.repeat(stepper.step_fourier, STEPS[d]))
    start = jnp.stack([psi.real, psi.imag])
    start_hat = ex.fft(start, num_spatial_dims=d)

    def ours_run():
        return jax.block_until_ready(ready.program.advance(ready.state, ready.operators, steps))

    def step_run():
        return jax.block_until_ready(by_field(start))

    def fourier_run():
        return jax.block_until_ready(by_spectrum(start_hat))

    u, v = step_run()
    ours = np.asarray(ready.program.fields(ours_run(), ready.operators).psi)
    difference = np.abs(ours - (np.asarray(u) + 1j * np.asarray(v))).max()
    calls = {"ours": ours_run, "step": step_run, "step_fourier": fourier_run}
    return calls, difference / np.abs(ours).mean()


def main() -> None:
    for d, n in ((2, 256), (3, 64)):
        calls, difference = contenders(d, n)
        found = alternate(calls)
        report(
            "plain CGL against exponax", d=d, N=n, steps=STEPS[d],
            **{f"{name}_ms": 1e3 * seconds / STEPS[d] for name, seconds in found.items()},
            ratio=found["step"] / found["ours"], goal=GOALS[d],
            ratio_step_fourier=found["step_fourier"] / found["ours"], difference=float(difference),
        )  # fmt: skip
        calls, difference = runs(d, n)
        found = alternate(calls, rounds=7)
        report(
            "whole run of plain CGL against exponax", d=d, N=n, steps=RUN_STEPS[d],
            simulate_s=found["simulate"], exponax_s=found["exponax"],
            ratio=found["exponax"] / found["simulate"], goal=RUN_GOALS[d],
            difference=float(difference),
        )  # fmt: skip


if __name__ == "__main__":
    main()
