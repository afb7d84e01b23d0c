"""Every random stream of the program, derived from a seed, the stream's name and a place in it."""

import numpy as np

_STREAMS = {
    "job": 1,
    "sampler": 2,
    "initial": 3,
    "source": 4,
    "nulls": 5,
    "null_hunts": 6,
    "confirmation": 7,
    "decoys": 8,
    "injections": 9,
    "reading": 12,
}


def generator(stream: str, *place: int) -> np.random.Generator:
    """Return the generator of `stream` at `place`, e.g. ("initial", global_seed)."""
    return np.random.default_rng([_STREAMS[stream], *place])


def derive_seed(stream: str, *place: int) -> int:
    """Return a seed in 0..2^32-1 for `stream` at `place`, e.g. ("job", hunt_seed, 3, 0)."""
    sequence = np.random.SeedSequence([_STREAMS[stream], *place])
    return int(sequence.generate_state(1, np.uint32)[0])
