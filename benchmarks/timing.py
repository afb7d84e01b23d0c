"""Alternating measurements on one core, so that a noisy machine slows both sides alike."""

import json
import os
import statistics
import time
from collections.abc import Callable, Mapping


def pin_to_one_core() -> None:
    """Keep this process on one core; call it before JAX is imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def alternate(candidates: Mapping[str, Callable[[], object]], rounds: int = 9) -> dict[str, float]:
    """Return the median CPU seconds of each candidate over alternating rounds, after one more."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for call in candidates.values():
        call()
    for _ in range(rounds):
        for name, call in candidates.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def report(name: str, **figures: object) -> None:
    """Print one JSON line, floats with four significant digits."""
    shown = {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in figures.items()}
    print(json.dumps({"benchmark": name, **shown}), flush=True)
