"""A hunt and its controls from the command line, with a progress bar and Ctrl-C as the switch."""

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

from irer.controls.files import confirmation_home
from irer.controls.groups import read_run
from irer.controls.null_hunts import KINDS, Kind
from irer.controls.sensitivity import estimated_s, sensitivity_of
from irer.errors import IrerError
from irer.execution.control import HuntControl
from irer.execution.interrupts import interrupts
from irer.execution.progress import CountBar, ProgressBar, SeriesBar
from irer.execution.registry import load_plan
from irer.golden import renew_golden
from irer.logs import attach_rotating, hunt_log
from irer.records import HuntPlan
from settings import Settings


def hunt(
    plan: HuntPlan,
    settings: Settings,
    control: HuntControl,
    execute_hunt: Callable[..., dict[str, Any]],
) -> dict[str, Any]:
    """Run a hunt to its end and return its best run."""
    progress = ProgressBar()
    with interrupts(control):
        try:
            return execute_hunt(plan=plan, settings=settings, observer=progress, control=control)
        finally:
            progress.close()


def null_hunts(
    arguments: Namespace,
    settings: Settings,
    control: HuntControl,
    run_null_hunts: Callable[..., dict[str, Any]],
) -> dict[str, Any]:
    """Run null hunts; they read the home and write beside it, so a hub may serve it meanwhile."""
    n, asked = arguments.null_hunts, arguments.null_kind
    if arguments.decoy_hunts is not None:
        n, asked = arguments.decoy_hunts, "decoys"
    kinds: Sequence[Kind] = [asked] if asked else KINDS
    plan = load_plan(settings)
    progress = SeriesBar(n * len(kinds) * plan.total_jobs if plan else 0)
    try:
        with interrupts(control):
            return run_null_hunts(
                n, kinds=kinds, settings=settings, observer=progress, control=control
            )
    finally:
        progress.close()


def confirm(
    arguments: Namespace,
    settings: Settings,
    control: HuntControl,
    confirm_run: Callable[..., dict[str, Any] | None],
) -> dict[str, Any]:
    """Confirm a run; a complete confirmation is only read. Raises IrerError when ended early.

    It reads the home and writes beside it, so a hub may serve it meanwhile.
    """
    read_run(settings, arguments.confirm)  # before anything is written for a run that is none
    attach_rotating("irer.engine", hunt_log(confirmation_home(settings, arguments.confirm).home))
    progress = CountBar("confirmation")
    try:
        with interrupts(control):
            report = confirm_run(
                arguments.confirm, settings=settings, progress=progress, control=control
            )
    finally:
        progress.close()
    if report is None:
        raise IrerError(f"stopped: {control.reason or 'as asked'} (the same command goes on)")
    return report


def sensitivity(seed: int | None, settings: Settings, control: HuntControl) -> dict[str, Any]:
    """Say what the home's hunt would have seen, its estimated time first. Raises IrerError."""
    seconds = _in_words(estimated_s(settings))
    print(f"sensitivity: about {seconds}; no simulation runs", file=sys.stderr)
    progress = CountBar("sensitivity", unit="step")
    try:
        with interrupts(control):
            found = sensitivity_of(settings, seed, progress, control)
    finally:
        progress.close()
    if found is None:
        raise IrerError("stopped: as asked; nothing was written (the same command begins anew)")
    renew_golden(settings)
    return found.model_dump(mode="json")


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
