"""Child processes, under a time limit that holds for all they start; they end with us."""

import os
import signal
import subprocess
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import psutil

from irer.base.discovery import folders
from irer.base.machine import ONE_THREAD
from irer.home import Home
from irer.runners.jax_cache import compile_cache

PARENT_VARIABLE = "IRER_PARENT_PID"
_TREE_VARIABLE = "_IRER_PROCESS_TREE"  # inherited by all descendants, also by those that daemonize
_SHARED_GPU = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
_KEPT_BYTES = 64 * 1024
_KEPT_LINES = 30  # of what a crashed process wrote: a traceback
_LONGEST_LINE = 300
_POLL_S = 0.1
_PIPE_GRACE_S = 0.5


def library_environment() -> dict[str, str]:
    """Return the variables for numerical libraries.

    One thread; GPU memory as it is needed; compiled programs are cached for later processes.
    """
    return ONE_THREAD | _SHARED_GPU | compile_cache()


def child_environment(home: Home) -> dict[str, str]:
    """Return our environment with the home named and every numerical library on one thread."""
    variables = library_environment() | python_path()
    return {**os.environ, **variables, "IRER_HOME": str(home)}


def python_path(*first: Path) -> dict[str, str]:
    """Return the variable that lets a child import from the folders `first` and all extensions."""
    named = filter(None, [os.environ.get("PYTHONPATH")])
    paths = dict.fromkeys([*map(str, first), *named, *folders()])
    return {"PYTHONPATH": os.pathsep.join(paths)} if paths else {}


def marked_environment(mark: str) -> dict[str, str]:
    """Return the variables that tell a child our pid and mark all that it starts."""
    return {PARENT_VARIABLE: str(os.getpid()), _TREE_VARIABLE: mark}


def core_slots(workers: int) -> list[int | None]:
    """Return a core for each worker, round robin; None where cores cannot be chosen."""
    process = psutil.Process()
    cores = process.cpu_affinity() if hasattr(process, "cpu_affinity") else None
    return [cores[slot % len(cores)] if cores else None for slot in range(workers)]


@dataclass(frozen=True)
class Ended:
    """How a child process ended, and the last 64 KiB that it wrote to each stream."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False
    cancelled: bool = False

    @property
    def last_error_line(self) -> str:
        """Return the last non-empty line on stderr, or an empty string."""
        return (self.last_lines or [""])[-1].strip()

    @property
    def last_lines(self) -> list[str]:
        """Return the last non-empty lines on stderr."""
        return last_lines_of(self.stderr)


def last_lines_of(text: str) -> list[str]:
    """Return the last non-empty lines of a text, as many as are kept."""
    lines = [line.rstrip()[:_LONGEST_LINE] for line in text.splitlines() if line.strip()]
    return lines[-_KEPT_LINES:]


def error_in_words(error: BaseException) -> str:
    """Say what was raised; of an error without a message, where."""
    name, said = type(error).__name__, str(error).strip()
    frames = traceback.extract_tb(error.__traceback__)
    if said or not frames:
        return f"{name}: {said}".removesuffix(": ")
    last = frames[-1]
    return f"{name} in {Path(last.filename).name}, line {last.lineno}: {last.line}"


def how_it_ended(returncode: int) -> str:
    """Put a process's return code into words."""
    return f"killed by signal {-returncode}" if returncode < 0 else f"exit code {returncode}"


def run_process(
    argv: Sequence[str | Path],
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    core: int | None = None,
    cancelled: threading.Event | None = None,
    idle: bool = False,
    on_output: Callable[[bytes], object] | None = None,
) -> Ended:
    """Run a command to its end, to the limit, or until `cancelled` is set.

    Whatever it started is gone when this returns, also a grandchild that holds its pipes or left
    its session. The child runs at lower priority, on `core` alone if one is given (where the
    platform can), and learns our pid, so that `end_with_parent` works in it. With `idle` it gets
    only idle processor time. `on_output` is called with all that it writes, as it comes, from two
    threads.

    Raises OSError when the command cannot be started.
    """
    start = time.monotonic()
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=dict(os.environ if env is None else env) | marked_environment(mark),
        start_new_session=True,
    )
    make_humble(process.pid, core)
    if idle:
        make_idle(process.pid)
    output, errors = _Tail(process.stdout, on_output), _Tail(process.stderr, on_output)
    try:
        timed_out, was_cancelled = _wait(process, start + timeout_s, cancelled)
    finally:
        _end_tree(process, mark, (output, errors))
    return Ended(
        returncode=process.wait(),
        stdout=output.text(),
        stderr=errors.text(),
        seconds=time.monotonic() - start,
        timed_out=timed_out,
        cancelled=was_cancelled,
    )


def _wait(
    process: "subprocess.Popen[bytes]", deadline: float, cancelled: threading.Event | None
) -> tuple[bool, bool]:
    """Wait for the end, the deadline or a cancel; return (timed out, cancelled)."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(min(_POLL_S, max(0.0, deadline - time.monotonic())))
            return False, False
        if cancelled is not None and cancelled.is_set():
            return False, True
        if time.monotonic() >= deadline:
            return True, False


def make_humble(pid: int, core: int | None) -> None:
    """Lower the child's priority and pin it to `core`, where the platform allows."""
    with suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        process.nice(getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10))
        if core is not None and hasattr(process, "cpu_affinity"):
            process.cpu_affinity([core])


def make_idle(pid: int) -> None:
    """Let a process run only when the processor is otherwise idle, where the platform allows."""
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


class _Tail:
    """Drains a pipe, so that its writer never blocks, and keeps the end of what came."""

    def __init__(
        self, pipe: IO[bytes] | None, on_output: Callable[[bytes], object] | None = None
    ) -> None:
        assert pipe is not None  # noqa: S101 (for the type checker: we asked for a pipe)
        self._pipe = pipe
        self._on_output = on_output
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with self._pipe as pipe:
            while data := pipe.read(_KEPT_BYTES):
                self._kept = (self._kept + data)[-_KEPT_BYTES:]
                if self._on_output is not None:
                    self._on_output(data)

    def closed(self, timeout_s: float) -> bool:
        """Wait until no writer holds the pipe; False if one still does."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def text(self) -> str:
        """Return what was kept."""
        return bytes(self._kept).decode(errors="replace")


def _end_tree(
    process: "subprocess.Popen[bytes]", mark: str, pipes: tuple["_Tail", "_Tail"]
) -> None:
    """End the process, if it still runs, and all that is left of what it started."""
    ended_by_itself = process.poll() is not None
    descendants = [] if ended_by_itself else _descendants(process.pid)
    _kill_group(process.pid)
    with suppress(ProcessLookupError):
        process.kill()
    _kill(descendants)
    # A process that left the group shows by a pipe it keeps open, or only by the inherited mark.
    held = not all(pipe.closed(_PIPE_GRACE_S) for pipe in pipes)
    if held or not ended_by_itself:
        _kill(_marked(mark))
        for pipe in pipes:
            pipe.closed(_PIPE_GRACE_S)


def end_tree(pid: int | None, mark: str) -> None:
    """End a process and whatever it started, found by descent, group and inherited mark."""
    if pid is not None:
        descendants = _descendants(pid)
        _kill_group(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _kill(descendants)
    _kill(_marked(mark))


def end_own_children() -> None:
    """End whatever this process started and left behind."""
    _kill(_descendants(os.getpid()))


def _kill_group(pid: int) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for pid in psutil.pids():  # not process_iter: it caches an earlier process by its pid
        with suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            if process.environ().get(_TREE_VARIABLE) == mark:
                found.append(process)
    return found


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.kill()


def end_with_parent(interval_s: float = 0.5) -> None:
    """End this process, from a daemon thread, once the engine that started it is gone.

    Does nothing unless the environment names a parent, so commands typed by hand run on.
    """
    named = os.environ.get(PARENT_VARIABLE, "")
    if named.isdecimal():
        if os.getppid() != int(named):
            os._exit(1)
        watch = partial(_watch, int(named), interval_s)
        threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _watch(parent_pid: int, interval_s: float) -> None:
    # Compare the parent's pid: a killed parent that nobody has waited for still exists.
    while os.getppid() == parent_pid:
        time.sleep(interval_s)
    end_own_children()
    os._exit(1)
