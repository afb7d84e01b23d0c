"""Work-precision diagram: error over one time unit against CPU time, on one core.

The coupled equations with their default parameters at N = 128, L = 20 pi, float64, from the state
developed after 20 time units. ETDRK4 with fixed and with controlled steps, and classical RK4 on
the same right-hand side, all against ETDRK4 with dt = 1/1280.
usage: python benchmarks/solver_work_precision.py [FILE.png]    (docs/images/work-precision.png)
"""

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ["JAX_ENABLE_X64"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import alternate, pin_to_one_core, report

pin_to_one_core()

import jax
import jax.numpy as jnp
import matplotlib as mpl
import numpy as np
from jax import lax

mpl.use("Agg")
from matplotlib import pyplot

from irer.physics import SimulationConfig, simulate
from irer.physics.equations import equation_of, named
from irer.physics.program import Prepared, prepare
from irer.physics.run import start as begun
from irer.physics.sncgl_trees import Curved, CurvedOperators

CONFIG = SimulationConfig(
    N_grid=128, box_length=20 * math.pi, precision="float64", n_frames=1, n_snapshots=1
)
STEPS = {
    "ETDRK4, fixed steps": (5, 10, 20, 40, 80, 160),
    "ETDRK4, controlled steps": (2, 5, 10, 20, 40, 80),
    "RK4, fixed steps": (40, 50, 80, 160, 320),
}
REFERENCE_STEPS = 1280


def run(method: str, steps: int, start: tuple[np.ndarray, np.ndarray]) -> Callable[[], tuple]:
    """Return a call that gives psi and u after one time unit in `steps` nominal steps."""
    config = CONFIG.model_copy(update={"dt": 1 / steps, "T_steps": steps})
    ready = prepare(config, *start)
    controlled = begun(config.model_copy(update={"step_control": "controlled"}), ready)
    count = jnp.asarray(steps, jnp.int32)

    def advanced() -> Curved:
        if method == "ETDRK4, controlled steps":
            return controlled.advanced(steps).state
        if method == "RK4, fixed steps":
            return classical(ready.state, ready.operators, count)
        return ready.program.advance(ready.state, ready.operators, count)

    return lambda: fields(ready, advanced())


def fields(ready: Prepared, state: Curved) -> tuple[np.ndarray, np.ndarray]:
    found = ready.program.fields(state, ready.operators)
    return np.asarray(found.psi), np.asarray(found.u)


@jax.jit
def classical(state: Curved, ops: CurvedOperators, steps: int) -> Curved:
    """Return the state after RK4 steps of the whole right-hand side."""
    equation, mass, h = equation_of(CONFIG), jnp.zeros(()), ops.dt  # m^2 stays in the rest
    linear = equation.symbols(ops, mass)

    def slope(y: dict) -> dict:
        rest = equation.rate(equation.state(y), ops, mass)
        return {name: symbol * y[name] + rest[name] for name, symbol in linear.items()}

    def moved(y: dict, k: dict, by: float) -> dict:
        return jax.tree.map(lambda a, b: a + by * b, y, k)

    def step(_: int, y: dict) -> dict:
        k1 = slope(y)
        k2 = slope(moved(y, k1, h / 2))
        k3 = slope(moved(y, k2, h / 2))
        k4 = slope(moved(y, k3, h))
        mean = jax.tree.map(lambda a, b, c, d: (a + 2 * b + 2 * c + d) / 6, k1, k2, k3, k4)
        return moved(y, mean, h)

    return equation.state(lax.fori_loop(0, steps, step, named(state)))


def main() -> None:
    developed = simulate(CONFIG)
    start = developed.psi, developed.u
    exact = run("ETDRK4, fixed steps", REFERENCE_STEPS, start)()
    figure, axes = pyplot.subplots(figsize=(5.2, 3.6), dpi=110, layout="constrained")
    for (method, ladder), marker in zip(STEPS.items(), "osx", strict=True):
        calls = {steps: run(method, steps, start) for steps in ladder}
        errors = [
            max(
                float(np.linalg.norm(a - b) / np.linalg.norm(b))
                for a, b in zip(call(), exact, strict=True)
            )
            for call in calls.values()
        ]
        seconds = list(alternate({str(steps): call for steps, call in calls.items()}, 5).values())
        for steps, error, time in zip(ladder, errors, seconds, strict=True):
            report("work and precision", method=method, steps=steps, error=error, cpu_s=time)
        axes.loglog(seconds, errors, marker=marker, label=method)
    axes.set(xlabel="CPU seconds per time unit", ylabel="largest relative error of ψ, u")
    axes.grid(alpha=0.3)
    axes.legend()
    if len(sys.argv) > 1:
        figure.savefig(sys.argv[1])


if __name__ == "__main__":
    main()
