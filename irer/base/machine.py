"""What a run's bits depend on besides its config: how many threads compute, and the processor.

XLA, OpenBLAS and their like part a sum among their threads, and parts that are added in another
order are rounded otherwise. So each of our programs computes with one thread.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

XLA_THREADS = "PJRT_NPROC"  # of XLA's client for the CPU, read when it is made
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    XLA_THREADS: "1",
}


def use_one_thread() -> None:
    """Have the numerical libraries that this process is still to import use one thread."""
    os.environ.update(ONE_THREAD)


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def processor() -> str:
    """Return the name of this machine's processor, as it is sold."""
    names = {value for key, value in _cpuinfo() if key == "model name"}
    return min(names, default=platform.processor() or platform.machine())


@cache
def kind_of_processor() -> str:
    """Return all that tells processors apart on which compiled code, or its bits, may differ."""
    telling = ("model name", "flags", "Features", "CPU part")
    about = sorted({f"{key}: {value}" for key, value in _cpuinfo() if key in telling})
    return "".join([platform.machine(), platform.processor(), *about])


def _cpuinfo() -> Iterator[tuple[str, str]]:
    """Yield what Linux says of each core; nothing elsewhere."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            yield key.strip(), value.strip()
