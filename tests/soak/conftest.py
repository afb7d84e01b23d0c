"""Counts of the soak, by environment variable: the defaults are what is promised."""

import os
import random

import pytest


def count(variable: str, default: int) -> int:
    """Return a count of the soak. Raises ValueError for one that is none."""
    value = int(os.environ.get(variable, default))
    if value < 1:
        raise ValueError(f"{variable}: must be at least 1, got {value}")
    return value


SEED = int(os.environ.get("SOAK_SEED", random.randrange(10**6)))
HUB_KILLS = count("SOAK_KILLS", 50)
CHILD_KILLS = 4 * HUB_KILLS
JOBS = count("SOAK_JOBS", 100_000)


@pytest.fixture
def rng() -> random.Random:
    """A new random sequence each time; SOAK_SEED repeats one."""
    print(f"SOAK_SEED={SEED}")  # shown when the test fails
    return random.Random(SEED)
