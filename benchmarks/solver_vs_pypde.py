"""Plain CGL at N = 256 to the same final error against py-pde (RK4, finite differences, numba).

Both start from one smooth, developed field. py-pde takes the largest step at which RK4 is stable;
its error is that of its second-order differences, and no step makes it smaller. We take the
largest step of a ladder that is no less accurate, on the same grid; the last figures are for the
coarsest grid that is no less accurate either. Two boxes: the default one, whose spacing of 0.49 is
coarse for second-order differences and so lets them take large steps, and one of 40, spacing 0.16,
in which they are accurate to 1e-4 or so. The reference is ours in float64 at dt = 0.0125;
its own error is that at twice the step. Compiling and setting up are excluded.
usage: python benchmarks/solver_vs_pypde.py
"""

import math
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import alternate, pin_to_one_core, report

pin_to_one_core()
os.environ.setdefault("JAX_ENABLE_X64", "1")

import jax
import jax.numpy as jnp
import numpy as np
import pde

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from irer.physics.program import prepare

N, DURATION = 256, 4.0
SIDES = (40 * math.pi, 40.0)
PARAMS = SncglParams(epsilon=1.0, c1=0.0, c3=-0.8, g_nonlocal=0.0)
LADDER = [DURATION / steps for steps in (4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 64)]
GRIDS = (32, 48, 64, 96, 128, 160, 192, 256)
GOAL = 30


def config(side: float, n: int, dt: float, precision: str, **changes) -> SimulationConfig:
    return SimulationConfig(
        model="sncgl_flat", N_grid=n, box_length=side, dt=dt, T_steps=round(DURATION / dt),
        n_frames=1, n_snapshots=1, precision=precision, step_control="fixed",
        sncgl_params=PARAMS, **changes,
    )  # fmt: skip


def sampled(psi: np.ndarray, n: int) -> np.ndarray:
    """A band-limited field on n points a side."""
    keep = np.r_[0 : n // 2, -(n // 2) : 0]
    return np.fft.ifft2(np.fft.fft2(psi)[np.ix_(keep, keep)]) * (n / len(psi)) ** 2


def error(got: np.ndarray, reference: np.ndarray) -> float:
    exact = sampled(reference, len(got))
    return float(np.linalg.norm(got - exact) / np.linalg.norm(exact))


def pypde_run(side: float, start: np.ndarray):
    """Return a call that gives the field after DURATION, and the step it takes."""
    grid = pde.CartesianGrid([[0, side]] * 2, N, periodic=True)
    # RK4 is stable to -2.785; the five-point Laplacian reaches -8 / dx^2
    steps = math.ceil(DURATION / (2.785 / (8 * (N / side) ** 2)))
    equation = pde.PDE(
        {"psi": "epsilon * psi + laplace(psi) - (1 + 1j * c3) * abs(psi)**2 * psi"},
        consts={"epsilon": PARAMS.epsilon, "c3": PARAMS.c3},
    )
    solver = pde.solvers.RungeKuttaSolver(equation, backend="numba")
    first = pde.ScalarField(grid, start)
    stepper = solver.make_stepper(first, dt=DURATION / steps)

    def run() -> np.ndarray:
        state = first.copy()
        stepper(state, 0.0, DURATION)
        return state.data

    return run, DURATION / steps


def our_run(side: float, start: np.ndarray, n: int, dt: float):
    ready = prepare(config(side, n, dt, "float32"), psi0=sampled(start, n))
    steps = jnp.asarray(round(DURATION / dt), jnp.int32)

    def run() -> np.ndarray:
        end = ready.program.advance(ready.state, ready.operators, steps)
        return np.asarray(jax.block_until_ready(ready.program.fields(end, ready.operators).psi))

    return run


def compare(side: float) -> None:
    start = simulate(config(side, N, 0.1, "float64", initial_amplitude=0.3, global_seed=2)).psi
    reference = simulate(config(side, N, 0.0125, "float64"), psi0=start).psi
    doubled = simulate(config(side, N, 0.025, "float64"), psi0=start).psi
    theirs, their_dt = pypde_run(side, start)
    target = error(theirs(), reference)

    def suffices(n: int, dt: float) -> bool:
        return error(our_run(side, start, n, dt)(), reference) <= target

    dt = next(h for h in LADDER if suffices(N, h))
    n, coarse_dt = next((n, h) for n in GRIDS for h in LADDER if suffices(n, h))
    ours, coarse = our_run(side, start, N, dt), our_run(side, start, n, coarse_dt)
    found = alternate({"pypde": theirs, "ours": ours, "coarse": coarse}, rounds=7)
    report(
        "plain CGL to the same error against py-pde", N=N, box_length=side, duration=DURATION,
        pypde_s=found["pypde"], pypde_dt=their_dt, pypde_error=target, ours_s=found["ours"],
        ours_dt=dt, ours_error=error(ours(), reference), ratio=found["pypde"] / found["ours"],
        goal=GOAL, coarse_N=n, coarse_dt=coarse_dt, coarse_error=error(coarse(), reference),
        coarse_ratio=found["pypde"] / found["coarse"], reference_error=error(doubled, reference),
    )  # fmt: skip


def main() -> None:
    for side in SIDES:
        compare(side)


if __name__ == "__main__":
    main()
