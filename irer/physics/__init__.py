"""The solver: `simulate(SimulationConfig(...))`, and `simulate_batch` for jobs of one shape."""

from irer.physics import threads  # first: it says how many XLA may use
from irer.physics.constraint import solve_constraint
from irer.physics.simulate import SimulationResult, simulate, simulate_batch
from irer.records import SimulationConfig

__all__ = [
    "SimulationConfig",
    "SimulationResult",
    "simulate",
    "simulate_batch",
    "solve_constraint",
    "threads",
]
