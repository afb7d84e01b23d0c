"""A second job of the same shape in a warm process: what share of it is setting up.

Each job has other parameters, so nothing is remembered from the one before. Set-up is `prepare`:
the operators, coefficients, kernel and the initial noise. No job after the first may compile.
usage: python benchmarks/solver_setup.py
"""

import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import alternate, pin_to_one_core, report

pin_to_one_core()

import itertools

import jax

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from irer.physics.program import prepare

ROUNDS = 9
GOAL = 0.05


class Compilations(logging.Handler):
    """Counts what JAX compiles, by its own log."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += "Compiling" in record.getMessage()


def measure(step_control: str) -> None:
    seeds = itertools.count()

    def job() -> SimulationConfig:
        seed = next(seeds)
        params = SncglParams(c1=1.0 + 0.01 * seed, kappa=0.2 + 0.01 * seed)
        return SimulationConfig(global_seed=seed, step_control=step_control, sncgl_params=params)

    def set_up():
        ready = prepare(job())
        return jax.block_until_ready((ready.operators, ready.state))

    simulate(job())
    compilations, log = Compilations(), logging.getLogger("jax")
    log.addHandler(compilations)
    log.propagate = False
    with jax.log_compiles():
        found = alternate({"set_up": set_up, "run": lambda: simulate(job())}, ROUNDS)
    log.removeHandler(compilations)
    report(
        "set-up of a second job", N=256, steps=200, step_control=step_control,
        set_up_ms=1e3 * found["set_up"], run_ms=1e3 * found["run"],
        ratio=found["set_up"] / found["run"], goal=GOAL, compilations=compilations.count,
    )  # fmt: skip


def main() -> None:
    for step_control in ("fixed", "controlled"):
        measure(step_control)


if __name__ == "__main__":
    main()
