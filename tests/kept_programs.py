"""Programs are kept between tests, processes and runs: most of a test's time is compiling.

JAX's key holds the whole program, versions and options, so a change of the solver compiles anew.
The folder is the tests' own, beside that of the program; its bound makes JAX lock it, so that no
process reads what another writes.
"""

from pathlib import Path

from irer.runners.jax_cache import FOLDER, compile_cache

MOST_BYTES = 2**30
WORTH_KEEPING_S = 0.05


def folder() -> Path | None:
    """Return where they are kept; None where the program keeps nothing either."""
    kept = compile_cache().get(FOLDER)
    return Path(kept).with_name(Path(kept).name.replace("jax-", "tests-")) if kept else None


def environment() -> dict[str, str]:
    """Return the variables for a process of a test's own."""
    if (kept := folder()) is None:
        return {}
    return {
        FOLDER: str(kept),
        "JAX_COMPILATION_CACHE_MAX_SIZE": str(MOST_BYTES),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": str(WORTH_KEEPING_S),
    }
