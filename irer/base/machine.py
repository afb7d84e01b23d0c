"""What a run's bits depend on besides its config: how many threads compute, and the processor.

XLA, OpenBLAS and the like split a sum among their threads, and another order of addition rounds
differently. So each of our programs computes with one thread.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

XLA_THREADS = "PJRT_NPROC"  # XLA's CPU client reads it when it is created
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    XLA_THREADS: "1",
}


def use_one_thread() -> None:
    """Make numerical libraries that this process imports later use one thread."""
    os.environ.update(ONE_THREAD)


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def processor() -> str:
    """Return the model name of this machine's processor."""
    names = {value for key, value in _cpuinfo() if key == "model name"}
    return min(names, default=platform.processor() or platform.machine())


@cache
def kind_of_processor() -> str:
    """Return what tells processors apart on which compiled code, or its bits, may differ."""
    telling = ("model name", "flags", "Features", "CPU part")
    about = sorted({f"{key}: {value}" for key, value in _cpuinfo() if key in telling})
    return "".join([platform.machine(), platform.processor(), *about])


def _cpuinfo() -> Iterator[tuple[str, str]]:
    """Yield (key, value) for each line of Linux's /proc/cpuinfo; nothing elsewhere."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            yield key.strip(), value.strip()
