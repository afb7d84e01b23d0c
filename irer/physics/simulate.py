"""simulate(): a config in, fields and diagnostics out. No disk, no processes.

The loop over frames is Python: one stretch is one call of a compiled program, the state is
checked after each, and memory does not grow with the number of steps.
"""

from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from irer.errors import SimulationFailed
from irer.physics.program import Prepared, prepare
from irer.physics.stepping import Control, State
from irer.records import Outcome, SimulationConfig

PSI_CAP = 1e6
U_CAP = 40.0  # exp(2 u) still fits float32


@dataclass(frozen=True)
class SimulationResult:
    """What one simulation leaves, as NumPy arrays; the last good state if it failed."""

    outcome: Outcome
    t: float  # time of psi and u, simulation units
    psi: NDArray[Any]  # complex, (N,)*d
    u: NDArray[Any]  # real, (N,)*d, ln Omega; zeros for a flat model
    diagnostics: dict[str, NDArray[np.float64]]  # name -> (frames,)
    snapshots: dict[str, NDArray[Any]] = field(repr=False)  # "t" (S,), "rho" (S,) + (N,)*d

    def raise_if_failed(self) -> None:
        """Raise SimulationFailed, with the last good time, unless the outcome is OK."""
        if self.outcome is not Outcome.OK:
            text = f"{self.outcome.name} after t = {self.t:.6g}, the last good time"
            raise SimulationFailed(self.outcome, self.t, text)


def simulate(
    config: SimulationConfig, psi0: NDArray[Any] | None = None, u0: NDArray[Any] | None = None
) -> SimulationResult:
    """Integrate `config` and return the final fields, snapshots and diagnostics.

    psi0 (complex) and u0 (real), both (N,)*d, replace the seeded initial state. Raises
    ConfigError for float64 without JAX's 64-bit mode, or an array of the wrong shape or kind.
    """
    return _run(config, prepare(config, psi0, u0))


def _run(config: SimulationConfig, prepared: Prepared) -> SimulationResult:
    """Advance from stop to stop (frame ends and snapshots), checking the state at each."""
    program, operators, good = prepared.program, prepared.operators, prepared.state
    frame_ends = {*range(config.steps_per_frame, config.T_steps, config.steps_per_frame)}
    frame_ends.add(config.T_steps)
    snapshot_steps = set(config.snapshot_steps)
    frames: list[dict[str, float]] = []
    snapshots: list[tuple[float, NDArray[Any]]] = []
    control = Control.start(good["psi"].real.dtype)
    outcome, step = Outcome.OK, 0
    for stop in sorted({0} | frame_ends | snapshot_steps):
        state, control = _advance(config, prepared, good, control, stop - step)
        values = {k: float(v) for k, v in program.observe(state, operators).items()}
        values |= _steps_taken(control)
        outcome = _judge(values)
        if outcome is not Outcome.OK:
            break
        good, step = state, stop
        if stop in frame_ends:
            frames.append({"t": step * config.dt, **values})
            control = control.next_frame()
        if stop in snapshot_steps:
            snapshots.append((step * config.dt, np.abs(np.asarray(program.fields(good)[0])) ** 2))
    psi, u = (np.asarray(values) for values in program.fields(good))
    shape = (0, *psi.shape)
    return SimulationResult(
        outcome=outcome,
        t=step * config.dt,
        psi=psi,
        u=u,
        diagnostics={name: np.array([f[name] for f in frames]) for name in ("t", *values)},
        snapshots={
            "t": np.array([t for t, _ in snapshots], float),
            "rho": np.array([rho for _, rho in snapshots], u.dtype).reshape(-1, *shape[1:]),
        },
    )


def _advance(
    config: SimulationConfig, prepared: Prepared, state: State, control: Control, steps: int
) -> tuple[State, Control]:
    """Advance by `steps` nominal steps the way the config asks for."""
    program, count = prepared.program, jnp.asarray(steps, jnp.int32)
    if config.step_control == "controlled":
        return program.advance_controlled(state, control, prepared.operators, count)
    after = program.advance(state, prepared.operators, count)
    return after, control._replace(substeps=control.substeps + count)


def _steps_taken(control: Control) -> dict[str, float]:
    """Return the diagnostics of the step size; the error is 0 where none was estimated."""
    return {
        "step_level": float(control.level),
        "substeps": float(control.substeps),
        "step_error": float(control.largest_error),
    }


def _judge(values: dict[str, float]) -> Outcome:
    """Return the outcome code of a state from its diagnostics."""
    if not np.isfinite(list(values.values())).all():
        return Outcome.NONFINITE
    too_large = values["psi_max"] > PSI_CAP or max(values["u_max"], -values["u_min"]) > U_CAP
    return Outcome.AMPLITUDE_CAP if too_large else Outcome.OK
