"""How many threads XLA computes with on a CPU: one, unless it had started before.

XLA reads the number when JAX makes its client for the CPU, which is at the first array and not
at `import jax`.
"""

import os
import warnings
from pathlib import Path

from jax._src.xla_bridge import backends_are_initialized  # JAX has no public name for it

from irer.base.machine import XLA_THREADS, usable_cores

_POOL = "tf_XLAEigen"  # how XLA names the threads that share a computation, on Linux


def _settle() -> int:
    """Set XLA to one thread, or warn that it already uses more; return the number."""
    if not backends_are_initialized():
        os.environ[XLA_THREADS] = "1"
        return 1
    count = _running()
    if count > 1:
        warnings.warn(
            f"JAX had computed before irer.physics was imported, so that XLA uses {count} threads; "
            "the bits of a run depend on that, and are not those of runs elsewhere",
            RuntimeWarning,
            stacklevel=2,
        )
    return count


def _running() -> int:
    """Return how many threads XLA's pool has; where that cannot be seen, the number of cores."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return names.count(_POOL) or usable_cores()


XLA_THREAD_COUNT = _settle()
REPRODUCIBLE = XLA_THREAD_COUNT == 1  # same bits as any other run on this kind of processor
