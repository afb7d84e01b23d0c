"""The size of the next block, from the error of the last and from what was tried before."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from irer.physics.controlled_steps.course import Course
from irer.physics.controlled_steps.sizes import SMALLEST, STEP

ACCEPTED, WANTED = 0.95e-4, 0.75e-4  # the largest error accepted; the next block's aim
_RISE = 4  # the most sizes up at once: a factor of 4
_LONGEST_WAIT = 16  # blocks; each rejection of a larger size doubles the wait for the next try


def next_size(course: Course, size: Array, error: Array, good: Array) -> tuple[Array, Array]:
    """Return the size for the next block, and this block's error over h^4.

    The error per unit time is proportional to h^4 and taken to grow on as it grew between blocks.
    """
    step = jnp.asarray(STEP, error.dtype)
    noise = float(np.finfo(error.dtype).eps) / (4 * course.h)
    pace = (error + noise) / step[size] ** 4
    growth = jnp.clip(pace / jnp.where(course.pace > 0, course.pace, jnp.inf), 1, 4)
    expected = pace * jnp.where(good, growth, 1) * step**4
    larger = jnp.argmax(expected <= WANTED).astype(jnp.int32)
    larger = jnp.where(expected[-1] > WANTED, SMALLEST, larger)
    stays = good & (larger > size) & (expected[size] <= ACCEPTED)
    highest = jnp.where(good, size - jnp.where(course.wait > 0, 0, _RISE), size + 1)
    wanted = jnp.clip(jnp.where(stays, size, larger), highest, SMALLEST)
    tried = ~good & (size < course.used)  # the size before held, so it is the next to try
    wanted = jnp.where(tried, jnp.maximum(jnp.minimum(wanted, course.used), highest), wanted)
    wanted = jnp.where(jnp.isfinite(error), wanted, jnp.minimum(size + _RISE, SMALLEST))
    return jnp.maximum(wanted, 0), pace


def next_wait(course: Course, size: Array, good: Array) -> tuple[Array, Array]:
    """Return how many blocks the next larger size waits for, and the wait after that.

    An error below round-off does not tell by how much a step may grow, so larger ones are tried
    blindly; each failure costs four steps.
    """
    larger = size < course.used
    longer = jnp.minimum(2 * course.patience, _LONGEST_WAIT)
    wait = jnp.where(good, jnp.maximum(course.wait - 1, 0), course.patience)
    patience = jnp.where(larger, jnp.where(good, 1, longer), course.patience)
    return wait, patience
