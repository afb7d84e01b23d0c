"""Where JAX keeps what it compiled, so that a shape is compiled once a machine."""

import hashlib
import os
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path

_FOLDER = "JAX_COMPILATION_CACHE_DIR"
_WORTH_KEEPING_S = "0.1"  # of compiling; the default of one second leaves half of it out


def compile_cache() -> dict[str, str]:
    """Return the variables that give JAX a folder of this user on this machine for it.

    None when the user has chosen one, or none can be made: then every process compiles anew.
    """
    if _FOLDER in os.environ:
        return {}
    with suppress(OSError, RuntimeError):  # no permission; no home folder
        above = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(above) / "irer" / f"jax-{_machine()}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK):
            least = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": _WORTH_KEEPING_S}
            return {_FOLDER: str(folder)} | least
    return {}


@cache
def _machine() -> str:
    """Return a name for this kind of processor: code compiled for one may not run on another.

    Machines of a cluster often share the home folders of their users.
    """
    kind = platform.machine() + platform.processor()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        about = ("model name", "flags", "Features", "CPU part")
        kind += "".join(sorted({line for line in lines if line.startswith(about)}))
    return hashlib.sha256(kind.encode()).hexdigest()[:12]
