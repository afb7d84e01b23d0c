"""The S-NCGL + SDG solver: `simulate(SimulationConfig(...))`."""

from irer.physics.simulate import SimulationResult, simulate
from irer.records import SimulationConfig

__all__ = ["SimulationConfig", "SimulationResult", "simulate"]
