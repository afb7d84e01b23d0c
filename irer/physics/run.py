"""A run, or a batch of runs, under way: from stop to stop, with fixed or with controlled steps."""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from irer.base.records import SimulationConfig
from irer.physics.controlled_steps import Course
from irer.physics.program import Prepared
from irer.physics.stepping import Pace

S = TypeVar("S")


@dataclass(frozen=True)
class Run:
    """A run at its last stop, with everything that its next steps depend on."""

    prepared: Prepared
    last: int  # nominal steps of the whole run
    state: Any  # at the last stop
    pace: Pace  # since the last frame
    step: int  # nominal steps to the last stop
    fresh: bool  # a frame ended at the last stop
    mass: Array  # of the last block of fixed steps
    course: Course | None  # of controlled steps

    def advanced(self, stop: int) -> "Run":
        """Return the run at the nominal step `stop`."""
        program, operators = self.prepared.program, self.prepared.operators
        until = jnp.asarray(stop, jnp.int32)
        if self.course is None:
            done, taken = jnp.asarray(self.step, jnp.int32), self.pace.substeps
            state, mass = program.fixed(self.state, self.mass, operators, done, until)
            substeps = (0 * taken if self.fresh else taken) + (stop - self.step)
            pace = self.pace._replace(substeps=substeps)
            return replace(self, state=state, mass=mass, pace=pace, step=stop, fresh=False)
        last, fresh = jnp.asarray(self.last, jnp.int32), jnp.asarray(self.fresh)
        state, course, pace = program.controlled(
            self.course, self.pace, operators, until, last, fresh
        )
        return replace(self, state=state, course=course, pace=pace, step=stop, fresh=False)

    def next_frame(self) -> "Run":
        """Return the run at the start of a frame, where its pace begins anew."""
        return replace(self, fresh=True)

    def without_failed(self, alive: NDArray[np.bool_]) -> "Run":
        """Return the run in which the failed jobs of a batch no longer slow the others.

        With fixed steps they go on as empty fields; with controlled steps they no longer move.
        """
        if alive.all():
            return self
        if self.course is None:
            return replace(self, state=choose_jobs(alive, self.state, None))
        course = self.course._replace(alive=self.course.alive & alive)
        return replace(self, course=course)


def start(config: SimulationConfig, prepared: Prepared) -> Run:
    """Return the run before its first step."""
    pace, mass = Pace.start(np.finfo(prepared.dtype).dtype), prepared.operators.dt * 0
    if prepared.jobs:
        pace = jax.tree.map(lambda value: jnp.stack([value] * prepared.jobs), pace)
    course = None
    if config.step_control == "controlled":
        course = prepared.program.begin(prepared.state, prepared.operators)
    return Run(prepared, config.T_steps, prepared.state, pace, 0, False, mass, course)


def choose_jobs(alive: NDArray[np.bool_], new: S, old: S | None) -> S:
    """Return `new` for the jobs that are alive and `old`, or zeros, for the others."""
    if alive.all():
        return new

    def pick(values: Array, other: Array) -> Array:
        return jnp.where(alive.reshape(-1, *[1] * (values.ndim - 1)), values, other)

    chosen: S = jax.tree.map(pick, new, jax.tree.map(jnp.zeros_like, new) if old is None else old)
    return chosen
