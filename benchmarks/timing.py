"""Alternating measurements on one core, so that a noisy machine slows both sides alike.

The sides are calls in this process, or warm processes of two checkouts.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PJRT_NPROC": "1"}
_ANSWER = "ANSWER "


def pin_to_one_core(from_last: int = 0) -> None:
    """Keep this process on one core, the last or one before it; call it before JAX is imported."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0), reverse=True)
        os.sched_setaffinity(0, {cores[from_last % len(cores)]})


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


class WarmProcess:
    """Python in a checkout, on one core and one thread, which works only while it is asked."""

    def __init__(self, checkout: Path, arguments: Sequence[str]) -> None:
        """`arguments` follow the interpreter; what they start ends up in `answer_questions`."""
        command = [sys.executable, *arguments]
        if hasattr(os, "sched_setaffinity"):
            command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
        own = {k: v for k, v in os.environ.items() if not k.startswith(("IRER_", "XLA_"))}
        self._process = subprocess.Popen(
            command, cwd=checkout, env=own | ONE_THREAD | {"PYTHONPATH": str(checkout)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, question: object) -> Any:
        """Return the answer to a question, both JSON. Raises SystemExit where it has ended."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith(_ANSWER):
                return json.loads(line.removeprefix(_ANSWER))
        raise SystemExit(f"the process of {self._process.args!r} ended")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def answer_questions(answer: Callable[[Any], object]) -> None:
    """Answer the questions of a `WarmProcess` until it is closed."""
    for line in sys.stdin:
        print(_ANSWER + json.dumps(answer(json.loads(line))), flush=True)
