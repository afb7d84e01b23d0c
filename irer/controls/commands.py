"""A hunt and its controls from the command line, with a progress bar and Ctrl-C as the switch."""

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

from irer.controls import positive_control as positive
from irer.controls.cost import announcement
from irer.controls.files import confirmation_home, current_report
from irer.controls.groups import read_run
from irer.controls.null_hunts import KINDS, Kind
from irer.errors import IrerError
from irer.execution.control import HuntControl
from irer.execution.interrupts import interrupts
from irer.execution.progress import CountBar, ProgressBar, SeriesBar
from irer.execution.registry import load_plan
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


def positive_control(settings: Settings, control: HuntControl, *engine: Any) -> dict[str, Any]:
    """Run the positive control; say first how many runs that is and how long it takes.

    `engine` are the engine's `plan_hunt`, `execute_hunt` and `new_id`.
    """
    print(positive.announcement(settings), file=sys.stderr)
    progress, confirming = SeriesBar(positive.total_runs()), CountBar("confirmation")
    attach_rotating("irer.engine", hunt_log(positive.own_home(settings).home))
    try:
        with interrupts(control):
            return positive.run(settings, positive.Engine(*engine), progress, control, confirming)
    finally:
        progress.close()
        confirming.close()


def confirm(
    arguments: Namespace,
    settings: Settings,
    control: HuntControl,
    confirm_run: Callable[..., dict[str, Any] | None],
) -> dict[str, Any]:
    """Confirm a run; a complete confirmation is only read. Raises IrerError when ended early.

    What it will take is said on stderr first. It reads the home and writes beside it, so a hub
    may serve it meanwhile.
    """
    # Before anything is written for a run that is none.
    record = read_run(settings, arguments.confirm)
    if current_report(settings, record.job_uuid) is None:
        print(announcement(record, settings), file=sys.stderr)
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
