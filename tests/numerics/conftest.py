"""What these tests compile is kept."""

import jax

from tests.kept_programs import MOST_BYTES, WORTH_KEEPING_S, folder

if kept := folder():
    jax.config.update("jax_compilation_cache_dir", str(kept))
    jax.config.update("jax_compilation_cache_max_size", MOST_BYTES)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", WORTH_KEEPING_S)
