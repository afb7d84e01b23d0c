"""The solver: `simulate(SimulationConfig(...))`, and `simulate_batch` for jobs of one shape."""

from irer.base.records import SimulationConfig
from irer.physics import threads  # first: it sets how many threads XLA uses
from irer.physics.constraint import solve_constraint
from irer.physics.simulate import SimulationResult, simulate, simulate_batch

__all__ = [
    "SimulationConfig",
    "SimulationResult",
    "simulate",
    "simulate_batch",
    "solve_constraint",
    "threads",
]
