"""Ctrl-C as the switch of a headless hunt."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from irer.hunt.control import HuntControl


@contextmanager
def interrupts(control: HuntControl) -> Iterator[None]:
    """Let the first Ctrl-C stop, the second (or a SIGTERM) cancel, and say so on stderr.

    In another thread than the first, which gets no signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM or control.stopping:
            control.cancel()
            print("\ncancelling: running jobs are ended", file=sys.stderr)
        else:
            control.stop()
            print("\nstopping after the running jobs; again to cancel them", file=sys.stderr)

    former = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
