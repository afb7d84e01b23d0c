"""Set-up shared by all tests: double precision where JAX is used, one thread per process."""

import os

os.environ.setdefault("JAX_ENABLE_X64", "1")  # before anything imports jax
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two would wait for each other on two cores
