"""The runner of a given name, imported when a hunt asks for it."""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from importlib import import_module

from irer.base.checking import shown
from irer.base.errors import ExtensionError
from irer.base.extensions import MakeRunner
from irer.base.records import RUNNERS, RunnerName
from irer.hunt.control import HuntControl
from irer.runners.runner import Runner
from settings import Settings

_BUILT_IN: dict[RunnerName, str] = {
    "pool": "irer.runners.batch:open_pool",
    "subprocess": "irer.runners.subprocess_runner:SubprocessRunner",
    "dask": "irer.runners.cluster:DaskRunner",
}


_POLL_S = 0.1  # how soon a cancel is obeyed while the device is tried


@contextmanager
def open_runner(
    given: Runner | None, name: RunnerName, settings: Settings, control: HuntControl | None = None
) -> Iterator[Runner]:
    """Yield the runner of that name, closed at the end; a `given` one is yielded and stays open.

    A runner that can tries its device first; a cancel by `control` ends that too. Raises
    ConfigError when the runner lacks a setting, DeviceError when the device cannot be used,
    ExtensionError for a broken one that the program has not itself.
    """
    if given is not None:
        yield given
        return
    runner = _made(name, settings)
    try:
        _try_device(runner, control)
        yield runner
    finally:
        runner.close()


def _made(name: RunnerName, settings: Settings) -> Runner:
    if name in _BUILT_IN:
        module, _, attribute = _BUILT_IN[name].partition(":")
        built_in: Callable[[Settings], Runner] = getattr(import_module(module), attribute)
        return built_in(settings)
    extension = RUNNERS[name]
    make: MakeRunner[Settings, Runner] = extension.load()
    with extension.named():
        runner = make(settings)
    if not isinstance(runner, Runner):
        raise ExtensionError(f"{extension} must make a Runner, got {shown(runner)}")
    return runner


def _try_device(runner: Runner, control: HuntControl | None) -> None:
    trial: Callable[[], None] | None = getattr(runner, "try_device", None)
    if trial is None:
        return
    with ThreadPoolExecutor(1, thread_name_prefix="irer-device") as thread:
        tried = thread.submit(trial)
        while not wait([tried], timeout=_POLL_S).done:
            if control is not None and control.cancelled:
                runner.cancel()
    with suppress(CancelledError):
        tried.result()
