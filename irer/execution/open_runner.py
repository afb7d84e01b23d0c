"""The runner that a name stands for, imported when a hunt asks for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

from irer.execution.runner import Runner
from irer.records import RunnerName
from settings import Settings

_RUNNERS: dict[RunnerName, str] = {
    "pool": "irer.execution.batch:open_pool",
    "subprocess": "irer.execution.local:open_subprocesses",
    "dask": "irer.execution.cluster:DaskRunner",
}


@contextmanager
def open_runner(given: Runner | None, name: RunnerName, settings: Settings) -> Iterator[Runner]:
    """Have the runner of that name for jobs of a home, closed in the end; a given one stays open.

    Raises ConfigError when the runner lacks a setting, DeviceError when what simulations are to
    run on cannot be used.
    """
    if given is not None:
        yield given
        return
    place = _RUNNERS.get(name, f"irer.execution.added.{name}:make")
    module, _, class_name = place.partition(":")
    make: Callable[[Settings], Runner] = getattr(import_module(module), class_name)
    runner = make(settings)
    try:
        yield runner
    finally:
        runner.close()
