"""Programs are kept between tests, processes and runs: most of a test's time is compiling.

JAX's key holds the whole program, versions and options, so a change of the solver compiles anew.
The folder is the tests' own, beside that of the program; its bound makes JAX lock it, so that no
process reads what another writes.
"""

from pathlib import Path

import jax

from irer.runners.jax_cache import FOLDER, compile_cache

MOST_BYTES = 2**30
WORTH_KEEPING_S = 0.05

if kept := compile_cache().get(FOLDER):
    folder = Path(kept).with_name(Path(kept).name.replace("jax-", "tests-"))
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_compilation_cache_max_size", MOST_BYTES)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", WORTH_KEEPING_S)
