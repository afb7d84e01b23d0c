"""A hunt and its controls from the command line, with a progress bar; Ctrl-C stops them."""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

from irer.base.checking import Record
from irer.base.errors import IrerError
from irer.base.goals import NULL_KINDS, NullKind
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.results import FinalResult, NoBestRun
from irer.controls import positive_control as positive
from irer.controls import random_control as randomly
from irer.controls.cost import announcement, in_words
from irer.controls.files import current_report
from irer.controls.groups import read_run
from irer.controls.kept_hunts import renew_hunt
from irer.controls.reading import read_reading, renew_reading
from irer.controls.reading.text import lines_of
from irer.controls.records import ConfirmationReport, ControlReport, NullReport
from irer.controls.sensitivity import estimated_s, sensitivity_of
from irer.controls.sensitivity_records import Sensitivity
from irer.controls.unscored import count_unscored, words_on_unscored
from irer.home import Home
from irer.home.finding import find_run
from irer.home.home_ledger import rows_of_home
from irer.home.homelock import hold_home
from irer.home.logs import attach_rotating
from irer.home.registry import load_plan, unfinished_plan
from irer.hunt.control import HuntControl
from irer.hunt.interrupts import interrupts
from irer.hunt.observer import RunHunt
from irer.hunt.progress import CountBar, ProgressBar, SeriesBar
from settings import Settings

BY_REQUEST = "on request"
RESUME = " (go on: --resume)"
SAME_COMMAND = " (the same command goes on)"
BEGINS_ANEW = " (the same command begins anew)"


def carry_out(
    arguments: Namespace,
    order: HuntOrder,
    settings: Settings,
    control: HuntControl,
    engine: ModuleType,
) -> tuple[Record, str | None]:
    """Do what the engine's command line asks for; `engine` is core_engine.

    Return the result and, if it ended early, why and how to go on.
    """
    if arguments.null_hunts is not None or arguments.decoy_hunts is not None:
        return null_hunts(arguments, settings, control, engine.run_null_hunts)
    if arguments.positive_control:
        return positive_control(settings, control, engine)
    if arguments.control is not None:
        return random_control(settings, control, engine)
    if arguments.sensitivity:
        return sensitivity(order.seed, settings.home, control), None
    if arguments.confirm is not None:
        return confirm(arguments, settings, control, engine.confirm_run), None
    home = settings.home
    with hold_home(home):
        plan = unfinished_plan(home) if arguments.resume else engine.plan_hunt(order, settings)
        attach_rotating("irer.engine", home.hunt_log)
        with saying_how_to_go_on(plan, home, RESUME):
            result = hunt(plan, settings, control, engine.run_hunt)
        why = why_unfinished(plan, home)
    if isinstance(result, NoBestRun):
        print(f"core_engine.py: {_why_no_score(plan, home)}", file=sys.stderr)
    say_reading(home, plan.hunt_id)
    return result, f"{why}{RESUME}" if why else None


def _why_no_score(plan: HuntPlan, home: Home) -> str:
    """Say why a hunt has no best run, and what would give its runs a score."""
    rows = (row for row in rows_of_home(home) if row.hunt_id == plan.hunt_id)
    return words_on_unscored(*count_unscored(rows)) or "no run has ended"


def say_reading(home: Home, hunt_id: str) -> None:
    """Say on standard error what a hunt means, if it has a reading and a run with a score."""
    reading = read_reading(home, hunt_id)
    if reading is not None and reading.n_with_score:
        print(*lines_of(reading), sep="\n", file=sys.stderr)


def hunt(
    plan: HuntPlan, settings: Settings, control: HuntControl, run_hunt: RunHunt
) -> FinalResult:
    """Run a hunt to its end and return its best run."""
    progress = ProgressBar()
    with interrupts(control):
        try:
            return run_hunt(plan=plan, settings=settings, observer=progress, control=control)
        finally:
            progress.close()


def why_unfinished(plan: HuntPlan, home: Home) -> str | None:
    """Say why a hunt did not reach its end; None for one that did, or never began."""
    left = load_plan(home)
    if left is None or left.hunt_id != plan.hunt_id or left.state == "Completed":
        return None
    return left.message or BY_REQUEST


@contextmanager
def saying_how_to_go_on(plan: HuntPlan, home: Home, how: str) -> Iterator[None]:
    """Add `how` to the message of an error that leaves the hunt unfinished."""
    try:
        yield
    except IrerError as error:
        if why_unfinished(plan, home):
            error.message += how
        raise


def null_hunts(
    arguments: Namespace,
    settings: Settings,
    control: HuntControl,
    run_null_hunts: Callable[..., NullReport],
) -> tuple[NullReport, str | None]:
    """Run null hunts; return their report and, if some are missing, why and how to go on.

    They read the home and write into homes of their own, so a hub may serve it meanwhile.
    """
    n, asked = arguments.null_hunts, arguments.null_kind
    if arguments.decoy_hunts is not None:
        n, asked = arguments.decoy_hunts, "decoys"
    kinds: Sequence[NullKind] = [asked] if asked else NULL_KINDS
    plan = load_plan(settings.home)
    progress = SeriesBar(n * len(kinds) * plan.total_jobs if plan else 0)
    try:
        with interrupts(control):
            report = run_null_hunts(
                n, kinds=kinds, settings=settings, observer=progress, control=control
            )
    finally:
        progress.close()
    if all(report.kinds[kind].n >= n for kind in kinds):
        return report, None
    return report, f"{control.reason or BY_REQUEST}{SAME_COMMAND}"


def positive_control(
    settings: Settings, control: HuntControl, engine: ModuleType
) -> tuple[FinalResult, str | None]:
    """Run the positive control, after saying how many runs it takes and how long.

    Return the judged best run and, if it ended early, why and how to go on.
    """
    parts = positive.Engine(engine.plan_hunt, engine.run_hunt, engine.new_id)
    print(positive.announcement(settings), file=sys.stderr)
    progress, confirming = SeriesBar(positive.total_runs()), CountBar("confirmation")
    attach_rotating("irer.engine", settings.home.positive_control.hunt_log)
    try:
        with interrupts(control):
            result = positive.run(settings, parts, progress, control, confirming)
    finally:
        progress.close()
        confirming.close()
    early = f"{control.reason or BY_REQUEST}{SAME_COMMAND}" if control.stopping else None
    return result, early


def random_control(
    settings: Settings, control: HuntControl, engine: ModuleType
) -> tuple[ControlReport, str | None]:
    """Run the control hunt; return the comparison and, if it ended early, why and how to go on."""
    plan = randomly.hunt_to_control(settings.home)
    attach_rotating("irer.engine", settings.home.control_hunt(plan.hunt_id).hunt_log)
    progress = ProgressBar()
    try:
        with interrupts(control):
            report = randomly.run(settings, engine.run_hunt, engine.new_id, progress, control)
    finally:
        progress.close()
    renew_reading(settings.home, plan.hunt_id)
    early = None if report.complete else f"{control.reason or BY_REQUEST}{SAME_COMMAND}"
    return report, early


def confirm(
    arguments: Namespace,
    settings: Settings,
    control: HuntControl,
    confirm_run: Callable[..., ConfirmationReport | None],
) -> ConfirmationReport:
    """Confirm a run; a complete confirmation is only read. Raises IrerError when ended early.

    Says its cost on stderr first. It reads the home and writes into a home of its own, so a hub
    may serve it meanwhile.
    """
    # First, so that nothing is written for an unknown run.
    record = read_run(settings.home, find_run(settings.home, arguments.confirm, "--confirm"))
    if current_report(settings.home, record.job_uuid) is None:
        print(announcement(record, settings), file=sys.stderr)
    attach_rotating("irer.engine", settings.home.confirmation(record.job_uuid).hunt_log)
    progress = CountBar("confirmation")
    try:
        with interrupts(control):
            report = confirm_run(
                record.job_uuid, settings=settings, progress=progress, control=control
            )
    finally:
        progress.close()
    if report is None:
        raise IrerError(f"stopped: {control.reason or BY_REQUEST}{SAME_COMMAND}")
    return report


def sensitivity(seed: int | None, home: Home, control: HuntControl) -> Sensitivity:
    """Measure the sensitivity of the home's hunt, its estimated time first. Raises IrerError."""
    seconds = in_words(estimated_s(home))
    print(f"sensitivity: about {seconds}; no simulation runs", file=sys.stderr)
    progress = CountBar("sensitivity", unit="step")
    try:
        with interrupts(control):
            found = sensitivity_of(home, seed, progress, control)
    finally:
        progress.close()
    if found is None:
        raise IrerError(
            f"stopped: {control.reason or BY_REQUEST}; nothing was written{BEGINS_ANEW}"
        )
    renew_hunt(home, found.hunt_id)
    return found
