"""A process that stays up between calls, so that what is slow (imports, compiling) is done once.

Functions are given by name and imported only in the process. Pebble starts it, talks to it and
notices its death; time limits are enforced here, because they must hold for all that it starts.
"""

import faulthandler
import multiprocessing.connection
import os
import signal
import threading
import traceback
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import resource_tracker
from typing import Any

import psutil
from pebble import ProcessExpired, ProcessPool

from irer.base.errors import StorageError
from irer.runners.processes import (
    end_own_children,
    end_tree,
    end_with_parent,
    error_in_words,
    how_it_ended,
    last_lines_of,
    library_environment,
    make_humble,
    marked_environment,
)

_START_LIMIT_S = 120.0
_KEPT_BYTES = 64 * 1024  # of what a process writes
_DRAIN_S = 0.5

_starting = threading.Lock()


class ProcessCrashedError(Exception):
    """The process died, or the function raised; the message says how.

    `last_lines` are the last lines that the process wrote, or the traceback of the function.
    """

    def __init__(self, message: str, last_lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.last_lines = tuple(last_lines)


class OutOfMemoryError(ProcessCrashedError):
    """The function ran out of memory, the machine's or the accelerator's."""


class WarmProcess:
    """One process, on `core` alone if one is given; replaced after a crash or a time limit.

    `call` is for one thread at a time; `end` may come from any.
    """

    def __init__(self, core: int | None = None) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._ended = False

    def call(self, function: str, *args: Any, timeout_s: float) -> Any:
        """Return what `module:function` returns for `args` in the process.

        Raises TimeoutError at the limit, ProcessCrashedError when the process died or the
        function raised (OutOfMemoryError for a MemoryError, StorageError as it is),
        CancelledError after `end`. Nothing that the process started is left then.
        """
        child = self._ready()
        try:
            kind, value, lines = child.ask(_call, function, args, timeout_s=timeout_s)
        except (TimeoutError, ProcessCrashedError):
            self._drop(child)
            if self._ended:
                raise CancelledError from None
            raise
        if kind == "storage":
            raise StorageError(value)
        if kind == "returned":
            return value
        self._drop(child)  # whatever state that left is not handed to the next call
        raise (OutOfMemoryError if kind == "memory" else ProcessCrashedError)(value, lines)

    def end(self) -> None:
        """End the process and all it started, at once; later calls raise CancelledError."""
        with self._lock:
            self._ended = True
            child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """Free everything, while no call is under way; idempotent."""
        self.end()
        if self._child is not None:
            self._drop(self._child)

    def _ready(self) -> "_Child":
        """Return the running process, a new one if there is none or it died in the meantime."""
        if self._child is not None and not self._child.alive():
            self._drop(self._child)
        with self._lock:
            if self._ended:
                raise CancelledError
            if self._child is not None:
                return self._child
            child = self._child = _Child()
        try:
            child.start(self._core)
        except ProcessCrashedError:
            self._drop(child)
            if self._ended:
                raise CancelledError from None
            raise
        return child

    def _drop(self, child: "_Child") -> None:
        child.remove()
        with self._lock:
            self._child = None


class _Child:
    """One process, from its start to its end."""

    def __init__(self) -> None:
        self._mark = uuid.uuid4().hex
        self._pid: int | None = None
        self._pending: Future[Any] | None = None
        self._killed = False
        try:
            self._output = _Output()
        except OSError as error:
            raise ProcessCrashedError(f"cannot start a process: {error}") from error
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPool(
            max_workers=1, initializer=_settle_in, initargs=(self._output.end,), context=context
        )

    def start(self, core: int | None) -> None:
        """Start the process. Raises ProcessCrashedError."""
        # Set before the interpreter starts: libraries read their variables when imported, and spawn
        # imports the main module, with the libraries that it imports, first of all.
        variables = library_environment() | marked_environment(self._mark)
        try:
            resource_tracker.ensure_running()  # shared by all processes: it must not bear the mark
            with _starting, _environment(variables), _interrupts_held():
                self._pool.schedule(os.getpid)
        except (RuntimeError, OSError) as error:
            reason = error.__cause__ or error
            raise ProcessCrashedError(f"cannot start a process: {reason}") from error
        self._pid = self.ask(os.getpid, timeout_s=_START_LIMIT_S)
        make_humble(self._pid, core)

    def ask(self, function: Any, *args: Any, timeout_s: float) -> Any:
        """Call `function` in the process. Raises TimeoutError, ProcessCrashedError."""
        try:
            self._pending = self._pool.schedule(function, args=args)
            if self._killed:
                self._pending.cancel()  # type: ignore[no-untyped-call]
            return self._pending.result(timeout=timeout_s)
        except ProcessExpired as error:
            raise ProcessCrashedError(how_it_ended(error.exitcode), self._last_lines()) from error
        except (RuntimeError, CancelledError) as error:  # a broken pool's is a RuntimeError
            raise ProcessCrashedError("the process was lost", self._last_lines()) from error

    def _last_lines(self) -> list[str]:
        """End the process and return the last lines that it wrote.

        Pebble starts another process in the place of a dead one, and needs the pipe until its own
        threads have ended.
        """
        self.remove()
        return self._output.last_lines()

    def alive(self) -> bool:
        """Say whether the process still runs."""
        try:
            return self._pool.active and psutil.Process(self._pid).status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def kill(self) -> None:
        """End the process and all it started; a pending `ask` raises."""
        self._killed = True
        self._pool.stop()  # type: ignore[no-untyped-call]
        end_tree(self._pid, self._mark)
        if self._pending is not None:  # a stopped pool reports no deaths
            self._pending.cancel()

    def remove(self) -> None:
        """As `kill`, and free what was held for the process."""
        self.kill()
        self._pool.join()
        self._output.close()


class _Output:
    """The output of a process: copied to our standard error as it comes, its end kept."""

    def __init__(self) -> None:
        """Make the pipe. Raises OSError when none can be had."""
        self._reader, self.end = multiprocessing.Pipe(duplex=False)
        self._kept = b""
        self._thread = threading.Thread(target=self._drain, name="irer-output", daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with suppress(OSError), self._reader:
            while data := os.read(self._reader.fileno(), _KEPT_BYTES):
                self._kept = (self._kept + data)[-_KEPT_BYTES:]
                with suppress(OSError):
                    os.write(2, data)

    def last_lines(self) -> list[str]:
        """Return the last lines of a process that has ended, once this is closed."""
        return last_lines_of(self._kept.decode(errors="replace"))

    def close(self) -> None:
        """Read the rest and close the pipe, once nobody writes any more; idempotent."""
        self.end.close()
        self._thread.join(_DRAIN_S)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    former = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach before it has left the terminal.

    It inherits the mask of this thread. If that is the main thread, the signal is late by as long
    as the start takes.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _settle_in(output: "multiprocessing.connection.Connection[Any, Any]") -> None:
    """Run first in the process: leave the terminal, redirect its output, end with the parent."""
    if hasattr(os, "setsid"):
        os.setsid()
    if hasattr(signal, "pthread_sigmask"):
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # forget one that came meanwhile
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, handler)
    for stream in (1, 2):  # the engine's standard output is for its result
        os.dup2(output.fileno(), stream)
    faulthandler.enable(file=2)  # a crash in native code says where it was
    end_with_parent()


def _call(name: str, args: tuple[Any, ...]) -> tuple[str, Any, list[str]]:
    """Run in the process: call the function; return the outcome in values that can be pickled."""
    try:
        module, _, function = name.partition(":")
        return "returned", getattr(import_module(module), function)(*args), []
    except StorageError as error:
        return "storage", error.message, []
    except MemoryError as error:
        return "memory", f"out of memory: {error}".removesuffix(": "), _traceback(error)
    except BaseException as error:  # also SystemExit: the process is not the function's to end
        return "raised", error_in_words(error), _traceback(error)
    finally:
        end_own_children()


def _traceback(error: BaseException) -> list[str]:
    return last_lines_of("".join(traceback.format_exception(error)))
