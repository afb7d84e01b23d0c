"""Error of controlled steps over one time unit, against steps of dt/8, over the search space.

Random draws of the default space and the corner c1 = 3, c3 = -2, kappa = 1, N = 128, L = 20 pi,
float64, from the state that each has developed after 20 time units.
usage: python benchmarks/solver_accuracy.py [DRAWS]      (default 50)
"""

import os
import sys
from pathlib import Path

os.environ["JAX_ENABLE_X64"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import math

import numpy as np

from benchmarks.timing import pin_to_one_core, report

pin_to_one_core()

from irer.physics import SimulationConfig, simulate
from irer.records import SncglParams
from settings import DEFAULT_PARAM_SPACE


def draws(count: int) -> list[SncglParams]:
    rng = np.random.default_rng(0)
    names = DEFAULT_PARAM_SPACE
    found = [SncglParams(c1=3.0, c3=-2.0, kappa=1.0)]
    while len(found) < count:
        point = {name: float(rng.uniform(*bounds)) for name, bounds in names.items()}
        found.append(SncglParams(**point))
    return found


def error(params: SncglParams, seed: int) -> tuple[float, float]:
    """Return the relative errors of psi and u after one more time unit."""
    config = SimulationConfig(
        N_grid=128, box_length=20 * math.pi, precision="float64", n_frames=1, n_snapshots=1,
        global_seed=seed, sncgl_params=params,
    )  # fmt: skip
    start = simulate(config)
    unit = {"T_steps": 10}
    controlled = simulate(config.model_copy(update=unit), psi0=start.psi, u0=start.u)
    exact = {"dt": 0.1 / 8, "T_steps": 80, "step_control": "fixed"}
    reference = simulate(config.model_copy(update=exact), psi0=start.psi, u0=start.u)
    pairs = ((controlled.psi, reference.psi), (controlled.u, reference.u))
    psi, u = (float(np.linalg.norm(a - b) / np.linalg.norm(b)) for a, b in pairs)
    return psi, u


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    errors = np.array([error(params, seed) for seed, params in enumerate(draws(count))])
    report(
        "controlled steps: relative error after one time unit", draws=count,
        largest_psi=float(errors[:, 0].max()), largest_u=float(errors[:, 1].max()),
        median_psi=float(np.median(errors[:, 0])), median_u=float(np.median(errors[:, 1])),
        corner_psi=float(errors[0, 0]), corner_u=float(errors[0, 1]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
