"""simulate(): a config in, fields and diagnostics out. No disk, no processes.

The loop over frames is Python: one call of a compiled program takes the run from one stop to the
next, where its state is checked. Memory does not grow with the number of steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from irer.base.errors import ConfigError, SimulationFailed
from irer.base.records import Outcome, SimulationConfig
from irer.physics import constraint
from irer.physics.controlled_steps import TOLERANCE
from irer.physics.equations import Fields
from irer.physics.program import Prepared, prepare, prepare_batch
from irer.physics.run import choose_jobs, start

PSI_CAP = 1e6
U_CAP = 40.0  # exp(2 u) still fits float32

Densities = Callable[[], list[NDArray[np.float64]]]
Watch = Callable[[int, Sequence[int], Densities], None]  # (nominal step, jobs, their densities)

_NAMES = {"level": "step_level", "error": "step_error"}  # diagnostics of the steps
_MAY_DIFFER = {"global_seed", "sncgl_params", "dt", "box_length", "initial_amplitude"}


@dataclass(frozen=True)
class SimulationResult:
    """The result of one simulation, as NumPy arrays; of a failed one its last good state."""

    outcome: Outcome
    t: float  # time of psi and u, simulation units
    psi: NDArray[Any]  # complex, (N,)*d; for fmia the real field, with imaginary part 0
    u: NDArray[Any]  # real, (N,)*d, ln Omega; zeros for a flat model
    diagnostics: dict[str, NDArray[np.float64]]  # name -> (frames,)
    snapshots: dict[str, NDArray[Any]] = field(repr=False)  # "t" (S,), "rho" (S,) + (N,)*d
    momentum: NDArray[Any] | None = None  # real, (N,)*d, of real fields alone: the rate

    def raise_if_failed(self) -> None:
        """Raise SimulationFailed, with the last good time, unless the outcome is OK."""
        if self.outcome is not Outcome.OK:
            text = f"{self.outcome.name} after t = {self.t:.6g}, the last good time"
            raise SimulationFailed(self.outcome, self.t, text)


def simulate(
    config: SimulationConfig,
    psi0: NDArray[Any] | None = None,
    u0: NDArray[Any] | None = None,
    *,
    watch: Watch | None = None,
) -> SimulationResult:
    """Integrate `config` and return the final fields, snapshots and diagnostics.

    psi0 (complex) and u0 (real), both (N,)*d, replace the seeded initial state; for the model fmia
    they are the field and its momentum, both real. In the geometry `constraint`, u0 is only the
    first guess at u. `watch` is called at the end of every frame; what it does changes no bit.
    Raises ConfigError for an array of the wrong shape or kind.
    """
    wide = config.precision == "float64" or jax.dtypes.canonicalize_dtype(np.float64) == np.float64
    with jax.enable_x64(wide):
        return _run([config], prepare(config, psi0, u0), watch)[0]


def simulate_batch(
    configs: Sequence[SimulationConfig],
    *,
    side_by_side: bool | None = None,
    watch: Watch | None = None,
) -> list[SimulationResult]:
    """Simulate jobs of one shape; return their results in order, each with its own outcome.

    They may differ in seed, parameters, dt, box_length and initial_amplitude. With `side_by_side`,
    the default on an accelerator, one program runs all of them at once (`jax.vmap`). On a CPU they
    run one after another, which is faster there, and each equals `simulate(config)` in every bit.
    `watch` is called at the end of every frame with the numbers of the jobs that go on.
    Raises ConfigError for jobs of several shapes.
    """
    _check_one_shape(configs)
    if side_by_side is None:
        side_by_side = jax.default_backend() != "cpu"
    if not configs or not side_by_side:
        return [
            simulate(config, watch=watch and partial(_watch_one, watch, number))
            for number, config in enumerate(configs)
        ]
    return _run(configs, prepare_batch(configs), watch)


def _watch_one(
    watch: Watch, number: int, step: int, _jobs: Sequence[int], densities: Densities
) -> None:
    """Hand on what a job shows that runs alone under its number in a batch."""
    watch(step, [number], densities)


def _check_one_shape(configs: Sequence[SimulationConfig]) -> None:
    for index, config in enumerate(configs):
        for name in SimulationConfig.model_fields.keys() - _MAY_DIFFER:
            value, first = getattr(config, name), getattr(configs[0], name)
            if value != first:
                raise ConfigError.of_field(
                    name, f"must be the same in a batch, {first}, got {value} in {index}"
                )


class _Log:
    """The results of one run so far."""

    def __init__(self, config: SimulationConfig) -> None:
        self.config = config
        self.outcome = Outcome.OK
        self.step = 0  # nominal steps up to the last good state
        self.frames: list[dict[str, float]] = []
        self.snapshots: list[tuple[float, NDArray[Any]]] = []

    def take(self, stop: int, values: dict[str, float], *, ends_frame: bool) -> None:
        """Judge the state that was reached at the step `stop`, and note its diagnostics."""
        self.outcome = _judge(values, self.config)
        if self.outcome is Outcome.OK:
            self.step = stop
        if self.outcome is Outcome.OK and ends_frame:
            self.frames.append({"t": stop * self.config.dt, **values})

    def result(self, fields: Fields, names: list[str]) -> SimulationResult:
        """Return the run's result; `fields` are those of its last good state."""
        kept = [values for _, values in self.snapshots]
        return SimulationResult(
            outcome=self.outcome,
            t=self.step * self.config.dt,
            psi=np.asarray(fields.psi),
            u=np.asarray(fields.u),
            momentum=None if fields.momentum is None else np.asarray(fields.momentum),
            diagnostics={name: np.array([f[name] for f in self.frames]) for name in names},
            snapshots={
                "t": np.array([t for t, _ in self.snapshots], float),
                "rho": np.array(kept, np.float64).reshape(-1, *fields.u.shape),
            },
        )


def _run(
    configs: Sequence[SimulationConfig], prepared: Prepared, watch: Watch | None
) -> list[SimulationResult]:
    """Advance from stop to stop (frame ends and snapshots), checking every job at each."""
    shape = configs[0]
    frame_ends = {*range(shape.steps_per_frame, shape.T_steps, shape.steps_per_frame)}
    frame_ends.add(shape.T_steps)
    logs = [_Log(config) for config in configs]
    run = start(shape, prepared)
    good = run.state
    for stop in sorted({0} | frame_ends | set(shape.snapshot_steps)):
        run = run.advanced(stop)
        values = prepared.program.observe(run.state, prepared.operators) | run.pace._asdict()
        arrays = jax.device_get(values)  # all at once: one array costs as much as all
        rows = {
            _NAMES.get(name, name): np.reshape(value, len(logs)).astype(float)
            for name, value in arrays.items()
        }
        for job, log in enumerate(logs):
            if log.outcome is Outcome.OK:
                found = {name: float(row[job]) for name, row in rows.items()}
                log.take(stop, found, ends_frame=stop in frame_ends)
        alive = np.array([log.outcome is Outcome.OK for log in logs])
        if not alive.any():
            break
        good = choose_jobs(alive, run.state, good)
        run = run.without_failed(alive)
        if stop in frame_ends:
            run = run.next_frame()
            if watch is not None:
                going = np.flatnonzero(alive).tolist()
                watch(stop, going, partial(_densities, prepared, good, going, shape.dimensions))
        if stop in shape.snapshot_steps:
            for log, fields in zip(
                logs, _fields(prepared, good, len(logs), shape.dimensions), strict=True
            ):
                if log.outcome is Outcome.OK:
                    density = prepared.equation.density(fields)
                    log.snapshots.append((stop * log.config.dt, density))
    ends = _fields(prepared, good, len(logs), shape.dimensions)
    return [log.result(end, ["t", *rows]) for log, end in zip(logs, ends, strict=True)]


def _fields(prepared: Prepared, state: Any, jobs: int, d: int) -> list[Fields]:
    """Return the fields of each job on the grid, as NumPy arrays."""
    fields = prepared.program.fields(state, prepared.operators)
    shape = np.shape(fields.u)[-d:]
    arrays = jax.tree.map(lambda values: np.asarray(values).reshape(jobs, *shape), fields)
    return [jax.tree.map(lambda values, job=job: values[job], arrays) for job in range(jobs)]


def _densities(
    prepared: Prepared, state: Any, jobs: Sequence[int], d: int
) -> list[NDArray[np.float64]]:
    """Return the densities of some jobs on the grid."""
    fields = _fields(prepared, state, max(1, prepared.jobs), d)
    return [prepared.equation.density(fields[job]) for job in jobs]


def _judge(values: dict[str, float], config: SimulationConfig) -> Outcome:
    """Return the outcome code of a state from its diagnostics."""
    if not np.isfinite(list(values.values())).all():
        return Outcome.NONFINITE
    if values["psi_max"] > PSI_CAP or max(values["u_max"], -values["u_min"]) > U_CAP:
        return Outcome.AMPLITUDE_CAP
    residual_allowed = constraint.tolerance(config.precision)
    missed = values.get("constraint_residual", 0.0) > residual_allowed
    return Outcome.STEP_FAILURE if missed or values["step_error"] > TOLERANCE else Outcome.OK
