"""The records that scripts make and read, under the name they know; no JAX behind it."""

from irer.base.records import (
    JobConfig,
    Metrics,
    Outcome,
    Provenance,
    RunState,
    SimulationConfig,
    SimulationOptions,
    SncglParams,
)

__all__ = [
    "JobConfig",
    "Metrics",
    "Outcome",
    "Provenance",
    "RunState",
    "SimulationConfig",
    "SimulationOptions",
    "SncglParams",
]
