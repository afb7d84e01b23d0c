"""One process a machine compiles a shape; every worker loads the result from JAX's cache.

Compiling takes some 4 s of a core and 120 MiB, which a process then keeps. So a process of its own
compiles and ends, workers stay small, and a lock keeps others from compiling the same. A worker
reads only finished entries: JAX writes its cache without a lock, and a torn file would stay. JAX
decides what to load, by its own key of the program, versions and options; the mark here only says
that looking is worthwhile, and how long the compiling took. Where the mark is wrong the worker
compiles.
"""

import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from statistics import median

from filelock import FileLock

from irer.base.errors import IrerError
from irer.base.files import dump_json, read_json
from irer.base.records import SimulationConfig
from irer.runners.jax_cache import FOLDER, compile_cache
from irer.runners.processes import python_path, run_process

_SHAPE = {"model", "geometry", "dimensions", "N_grid", "dealias", "precision", "step_control"}
_LIMIT_S = 600.0
_MARK = "compiled-{}"
_OFF = ("0", "false", "no", "n", "off", "f")  # as JAX reads it
_ROOT = Path(__file__).resolve().parents[2]


def compile_once(config: SimulationConfig) -> None:
    """Compile the programs of a config's shape, unless they are compiled or no cache is kept."""
    named = os.environ.get(FOLDER)
    if _switched_off() or not named or not Path(named).is_dir():
        return
    folder = Path(named)
    mark = folder / _mark(config)
    with suppress(OSError):  # nothing can be written there: this process compiles
        if not mark.exists():
            with FileLock(folder / "compiling.lock", fallback_to_soft=False):
                if not mark.exists() and (seconds := _compile(config)) is not None:
                    mark.write_text(dump_json({"seconds": round(seconds, 1)}))


def is_compiled(config: SimulationConfig) -> bool | None:
    """Say whether the programs of a config's shape lie in this machine's cache; None: not known."""
    folder = _folder()
    return (folder / _mark(config)).exists() if folder else None


def compile_seconds() -> float | None:
    """Return how long compiling a shape took here, at the median of all; None before the first."""
    folder = _folder()
    marks = folder.glob(_MARK.format("*")) if folder else ()
    known = [seconds for mark in marks if (seconds := _seconds_in(mark)) is not None]
    return median(known) if known else None


def _folder() -> Path | None:
    """Return the cache folder that the engine's processes have; None where none is kept."""
    named = os.environ.get(FOLDER) or compile_cache().get(FOLDER)
    return Path(named) if named and Path(named).is_dir() and not _switched_off() else None


def _seconds_in(mark: Path) -> float | None:
    with suppress(IrerError):  # those of earlier versions are empty
        found = read_json(mark)
        seconds = found.get("seconds") if isinstance(found, dict) else None
        return seconds if isinstance(seconds, float) else None
    return None


def _mark(config: SimulationConfig) -> str:
    return _MARK.format(_shape(config))


def _switched_off() -> bool:
    return os.environ.get("JAX_ENABLE_COMPILATION_CACHE", "true").lower() in _OFF


def _compile(config: SimulationConfig) -> float | None:
    """Run the shortest simulation of the shape in a process of its own.

    Return its seconds, None when it failed.
    """
    short = config.model_copy(update={"T_steps": 1, "n_frames": 1, "n_snapshots": 1})
    code = "import sys, worker_sncgl_sdg as worker; worker.compile_for(sys.argv[1])"
    command = [sys.executable, "-c", code, short.model_dump_json()]
    environment = os.environ | python_path(_ROOT)
    ended = run_process(command, timeout_s=_LIMIT_S, env=environment)
    return ended.seconds if ended.returncode == 0 else None


def _shape(config: SimulationConfig) -> str:
    """Return a digest of what the compiled programs depend on."""
    shape = config.model_dump(include=_SHAPE) | {
        "non_local": bool(config.sncgl_params.g_nonlocal),
        "program": _program(),
        "flags": os.environ.get("XLA_FLAGS", ""),
    }
    return hashlib.sha256(dump_json(shape).encode()).hexdigest()[:16]


@cache
def _program() -> str:
    """Return a digest of the solver's code and its compiler."""
    known = hashlib.sha256(f"jax {version('jax')} jaxlib {version('jaxlib')}".encode())
    for place in ("physics", "spectral"):
        for path in sorted((_ROOT / "irer" / place).glob("**/*.py")):
            known.update(path.read_bytes())
    return known.hexdigest()
