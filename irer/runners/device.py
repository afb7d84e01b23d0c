"""The device that simulations run on, tried before any job: its failure is no job's fault."""

import os
import sys
import threading
from concurrent.futures import CancelledError

from irer.base.errors import DeviceError
from irer.runners.processes import child_environment, how_it_ended, run_process
from irer.runners.warm import ProcessCrashedError, WarmProcess
from settings import Settings

_LIMIT_S = 120.0
_TRIES = 2  # a process that something else ended says nothing of the device


def opened_device(process: WarmProcess) -> str:
    """Return the device on which JAX has computed in `process`. Raises DeviceError."""
    lost: ProcessCrashedError | None = None
    for _ in range(_TRIES):
        try:
            return str(process.call("worker_sncgl_sdg:try_device", timeout_s=_LIMIT_S))
        except TimeoutError as error:
            raise _cannot(f"no answer within {_LIMIT_S:.0f} s") from error
        except ProcessCrashedError as error:
            lost = error
    raise _cannot(str(lost)) from lost


def try_device(settings: Settings, cancelled: threading.Event) -> None:
    """Let the program's own worker try its device in a process.

    Raises DeviceError, CancelledError when `cancelled` was set first.
    """
    for _ in range(_TRIES):
        ended = run_process(
            [sys.executable, settings.worker_script, "--try-device"],
            timeout_s=_LIMIT_S,
            env=child_environment(settings.home),
            cancelled=cancelled,
        )
        if ended.cancelled or ended.timed_out or ended.returncode >= 0:
            break
    if ended.cancelled:
        raise CancelledError
    if ended.timed_out:
        raise _cannot(f"no answer within {_LIMIT_S:.0f} s")
    if ended.returncode != 0:
        raise _cannot(ended.last_error_line or how_it_ended(ended.returncode))


def _cannot(why: str) -> DeviceError:
    asked = os.environ.get("JAX_PLATFORMS")
    device = f"the device {asked} (of JAX_PLATFORMS)" if asked else "its default device"
    return DeviceError(f"JAX cannot compute on {device}, so no job was begun: {why}")
