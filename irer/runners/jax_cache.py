"""Where JAX keeps what it compiled, so that a shape is compiled once a machine."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from irer.base.machine import ONE_THREAD, XLA_THREADS, kind_of_processor

FOLDER = "JAX_COMPILATION_CACHE_DIR"
_WORTH_KEEPING_S = "0.1"  # of compiling; the default of one second leaves half of it out


def compile_cache() -> dict[str, str]:
    """Return the variables that give JAX a cache folder for this user and machine.

    Empty when the user has chosen one, or none can be made: then every process compiles anew.
    """
    if FOLDER in os.environ:
        return {}
    with suppress(OSError, RuntimeError):  # no permission; a user without a folder
        above = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(above) / "irer" / f"jax-{_machine()}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK):
            least = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": _WORTH_KEEPING_S}
            return {FOLDER: str(folder)} | least
    return {}


def _machine() -> str:
    """Return a name for what JAX's own key leaves out: the processor and the number of threads.

    Machines of a cluster often share the home folders of their users, and code compiled for one
    may not run on another.
    """
    compiled_for = f"{kind_of_processor()} {ONE_THREAD[XLA_THREADS]} thread"
    return hashlib.sha256(compiled_for.encode()).hexdigest()[:12]
