"""The sizes that a block of steps may have, from the largest, and where each may begin."""

import jax.numpy as jnp
import numpy as np
from jax import Array

TOLERANCE = 1e-4  # relative local error of a field per unit time
FINEST = 9  # the smallest steps are two thirds of dt / 2^9
LARGEST = 2  # the largest steps are 2^2 dt
MOST_STEPS = 6  # of a block
PER_STEP = 2 ** (FINEST - LARGEST)  # the shortest block is dt / PER_STEP long

# By size, from the largest: steps over dt, their number in a block, the block's length in units.
_HALVINGS = np.arange(2 * (FINEST + LARGEST + 1)) // 2
_THIRDS = np.arange(2 * (FINEST + LARGEST + 1)) % 2
STEP = 2.0 ** (LARGEST - _HALVINGS) * np.where(_THIRDS, 2 / 3, 1)
COUNT = np.where(_THIRDS, 6, 4).astype(np.int32)
LENGTH = (2 ** (FINEST + LARGEST - _HALVINGS)).astype(np.int32)
SMALLEST = len(STEP) - 1


def fitting(size: Array, start: Array, last: Array) -> Array:
    """Return the largest size up to `size` whose block may start here and ends by `last`."""
    lengths, sizes = jnp.asarray(LENGTH), jnp.arange(len(LENGTH))
    fits = (start % lengths == 0) & (start + lengths <= last) & (sizes >= size)
    return jnp.argmax(fits).astype(jnp.int32)


def level(size: Array) -> Array:
    """Return the level of a size, -LARGEST to FINEST; a half stands for two thirds of a step."""
    return size / 2 - LARGEST
