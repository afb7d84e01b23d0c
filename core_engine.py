"""The engine: plans a hunt, runs its generations, and is the only place that makes an ID.

A job is committed when its provenance file appears. `hunt.json` names the jobs of the current
generation before they start, so a hunt that was killed at any instant goes on from its files:
committed jobs are never run again, all others run under the uuid they had.
"""

import logging
import sys
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irer.base.checking import check
from irer.base.commandline import run_program, say
from irer.base.errors import InfrastructureError, IrerError, StorageError
from irer.base.files import dump_json
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.jobs import JobBook, JobState
from irer.base.records import JobConfig, Provenance, RunState
from irer.base.results import BestRun, FinalResult, NoBestRun
from irer.controls.fingerprint import check_design
from irer.controls.kept_hunts import bring_up_to_date, keep_result, renew_hunt
from irer.controls.planning import plan_of
from irer.controls.reading.keeping import ReadingKeeper
from irer.controls.records import ConfirmationReport, NullReport
from irer.controls.verdict import engineering
from irer.home.registry import (
    committed_records,
    ended_states,
    load_plan,
    read_job,
    register,
    registered_jobs,
    sweep,
)
from irer.hunt import hunt_options
from irer.hunt.control import HuntControl
from irer.hunt.dispatch import Dispatcher
from irer.hunt.front_policy import FrontKeeper
from irer.hunt.limits import WallTime
from irer.hunt.observer import HuntObserver, SilentObserver
from irer.hunt.open_runner import open_runner
from irer.hunt.pausing import Pauses
from irer.hunt.plan_file import PlanFile
from irer.hunt.polishing import polished
from irer.hunt.repeats import propose_jobs
from irer.runners.runner import Runner
from irer.runners.subprocess_runner import run_job
from settings import Settings
from settings import load as load_settings

if TYPE_CHECKING:
    from aste_hunter import Hunter

__all__ = [
    "confirm_run",
    "execute_hunt",
    "load_plan",
    "main",
    "new_id",
    "plan_hunt",
    "run_hunt",
    "run_null_hunts",
    "run_simulation_job",
]

_log = logging.getLogger("irer.engine")


def plan_hunt(order: HuntOrder, settings: Settings) -> HuntPlan:
    """Fill an order's gaps with defaults and give the hunt its id; writes nothing.

    Raises as `irer.controls.planning.plan_of`.
    """
    return plan_of(order, settings, new_id())


def new_id() -> str:
    """Return a new id; no other function makes one."""
    return str(uuid.uuid4())


def execute_hunt(
    num_generations: int | None = None,
    population_size: int | None = None,
    *,
    order: HuntOrder | None = None,
    plan: HuntPlan | None = None,
    settings: Settings | None = None,
    observer: HuntObserver | None = None,
    control: HuntControl | None = None,
    runner: Runner | None = None,
) -> dict[str, Any]:
    """Run a hunt to its end; return its best run as JSON has it, {"error": ...} if none succeeded.

    The hunt is given by two numbers, by an `order`, or by a `plan`; one from `load_plan` is
    resumed. `observer` watches it, `control` pauses it or ends it early, `runner` runs the jobs
    (default: the one that the plan names; a given one is left open).

    A file that cannot be written, or five tries of jobs in a row that end by a crash or a limit,
    pause the hunt; without a `control` there is nobody to resume it, so it ends as Stopped.

    Raises ConfigError for a wrong order, StorageError when a file cannot be written and the hunt is
    to end, ContractError for a broken record; the hunt can be resumed after any of them.
    ContractError, too, for a plan whose objective, bounds or thresholds were changed since;
    ConflictError for one of another version of the measure.
    """
    settings = settings or load_settings()
    if plan is None:
        given = {"num_generations": num_generations, "population_size": population_size}
        plan = plan_hunt(order or check(HuntOrder, given, what="the order"), settings)
    return run_hunt(plan, settings, observer, control, runner).model_dump(mode="json")


def run_hunt(
    plan: HuntPlan,
    settings: Settings,
    observer: HuntObserver | None = None,
    control: HuntControl | None = None,
    runner: Runner | None = None,
) -> FinalResult:
    """Run a planned hunt to its end and return its final result; see `execute_hunt`."""
    # Not at the top: the hunter imports Optuna, which takes longer than the hub may take to answer
    # its first request.
    from aste_hunter import Hunter

    check_design(plan)
    control = control or HuntControl(attended=False)
    with open_runner(runner, plan.runner, settings, control) as running:
        hunt = _Hunt(
            plan,
            settings,
            partial(Hunter.of_plan, plan, settings.home),
            running,
            observer or SilentObserver(),
            control,
        )
        return hunt.run()


class _Hunt:
    """One hunt while it runs: the generation loop and the files it keeps."""

    def __init__(
        self,
        plan: HuntPlan,
        settings: Settings,
        make_hunter: "Callable[[], Hunter]",
        runner: Runner,
        observer: HuntObserver,
        control: HuntControl,
    ) -> None:
        self._file = PlanFile(plan, settings.home)
        self.settings = settings
        self.runner = runner
        self.observer = observer
        self.control = control
        # Of the current generation: the jobs committed, but not yet learned from.
        self.committed = committed_records(settings.home, plan.job_uuids)
        self.book = JobBook()
        self.wall_time = WallTime(plan.max_wall_s, control)
        self.pauses = Pauses(control, self._begin_pause, self._end_pause)
        self.dispatcher = Dispatcher(
            settings,
            runner,
            control,
            self.pauses,
            self.book,
            committed=self._take_in,
            changed=observer.jobs_changed,
        )
        self._make_hunter = make_hunter
        self._reading = ReadingKeeper(settings.home, settings.workers)

    @property
    def plan(self) -> HuntPlan:
        return self._file.plan

    def run(self) -> FinalResult:
        """Run what is left of the hunt; on any error end its jobs and say so in hunt.json."""
        committed = self._count_committed()
        _log.info("hunt %s: %d of %d jobs done", self.plan.hunt_id, committed, self.plan.total_jobs)
        self.observer.hunt_started(self.plan, committed)
        self.pauses.insist(lambda: bring_up_to_date(self.settings.home))
        self.hunter = self.pauses.insist(self._make_hunter)
        self.keeper = self.pauses.insist(lambda: FrontKeeper(self.settings, self.plan.job_uuids))
        self._file.own()
        sweep(self.settings.home)
        try:
            with self.wall_time.watched():
                state, message = self._run_generations()
            self.pauses.insist(self.hunter.flush)
            best = self.hunter.best_run(self.committed.values())
            if isinstance(best, BestRun):
                best = best.model_copy(update=self.hunter.recommendation()._asdict())
            ended = self.plan.model_copy(update={"state": state, "message": message})
            result = self.pauses.insist(lambda: self._kept(ended, best))
            sweep(self.settings.home)
            self.pauses.insist(lambda: self._file.save(state=state, message=message))
        except BaseException as error:
            self.runner.cancel()
            self._file.save_error(error, stopping=self.control.stopping)
            raise
        _log.info("hunt %s: %s", self.plan.hunt_id, self.plan.state)
        self.observer.hunt_ended(self.plan, result)
        return result

    def _run_generations(self) -> tuple[str, str | None]:
        """Run generation after generation; return the final state and why it came early."""
        end = self.plan.first_generation + self.plan.num_generations
        for generation in range(self.plan.generation, end):
            self.pauses.hold()
            if self.control.stopping:
                return self._stopped()
            if message := self._stagnation(generation):
                return "Completed", message
            jobs = self._register(generation)
            if not jobs:
                return self._stopped()
            self.observer.generation_started(generation)
            self.dispatcher.run([job for job in jobs if job.job_uuid not in self.committed])
            if len(self.committed) < len(jobs):
                return self._stopped()
            self.pauses.insist(
                lambda: self.hunter.process_generation_results(
                    self.settings.home.provenance_dir, self.plan.job_uuids
                )
            )
            self.keeper.add(self.committed.values())
            self.pauses.insist(self.keeper.apply)
            self.committed = {}
            self.pauses.insist(lambda: self._reading.after_generation(self.plan))
        return "Completed", None

    def _stopped(self) -> tuple[str, str | None]:
        return "Stopped", self.control.reason or self.wall_time.message

    def _stagnation(self, generation: int) -> str | None:
        """Return why stagnation before `generation` ends the hunt; None if it does not."""
        limit, since = self.plan.max_stagnation, self.plan.first_generation
        if limit is None or self.hunter.stagnation(since, generation) < limit:
            return None
        return f"the hypervolume has not grown for {limit} generations"

    def _register(self, generation: int) -> list[JobConfig]:
        """Fix a generation's jobs: their ids in hunt.json first, then a config file each."""
        resumed = generation == self.plan.generation
        ids = self.plan.job_uuids if resumed else ()
        ids = ids or tuple(new_id() for _ in range(self.plan.population_size))
        self.pauses.insist(
            lambda: self._file.save(
                state="Running", message=None, generation=generation, job_uuids=ids
            )
        )
        jobs = registered_jobs(self.settings.home, ids) or self._propose(ids)
        self.hunter.register_new_jobs(
            {"job_uuid": job.job_uuid, **job.sncgl_params.model_dump()}
            for job in jobs
            if job.job_uuid not in self.committed
        )
        return jobs

    def _propose(self, ids: Sequence[str]) -> list[JobConfig]:
        jobs = propose_jobs(self.plan, ids, self.hunter, self._polish)
        if self.control.stopping:
            return []
        self.pauses.insist(lambda: register(self.settings.home, jobs))
        return jobs

    def _polish(self, most: int) -> list[dict[str, float]]:
        """Return candidates by descent from the Pareto front, in the last generations alone."""
        end = self.plan.first_generation + self.plan.num_generations
        if self.plan.generation < end - self.plan.polish_generations or not most:
            return []
        starts = [(row.params, row.global_seed) for row in self.hunter.spread_front(most)]
        return polished(self.plan, starts, self.settings, self.control.ending)

    def _take_in(self, record: Provenance) -> None:
        self.committed[record.job_uuid] = record
        try:
            self.hunter.enter(record)
        except StorageError as error:  # the row waits for the next
            self.control.pause(error.message)
        self.observer.job_committed(record)

    def _count_committed(self) -> int:
        """Return how many jobs of the hunt have their record, and enter them in the book."""
        for state in ended_states(self.plan, self.settings.home, self.committed.values()):
            self.book.count_ended(state)
        whole = self.plan.generation - self.plan.first_generation
        return whole * self.plan.population_size + len(self.committed)

    def _begin_pause(self, reason: str | None) -> None:
        self._file.try_to_save(state="Paused", message=reason)
        self.observer.hunt_paused(reason)

    def _end_pause(self) -> None:
        self._file.try_to_save(state="Running", message=None)
        self.observer.hunt_resumed()

    def _kept(self, plan: HuntPlan, best: FinalResult) -> FinalResult:
        result = keep_result(self.settings.home, plan.hunt_id, best, self._engineering(plan))
        self._reading.make(plan)
        return result

    def _engineering(self, plan: HuntPlan) -> tuple[bool, str]:
        return engineering(plan, self.book.ended, self.book.counts()[JobState.ABANDONED])


def run_simulation_job(
    job_uuid: str, params_filepath: Path | str, settings: Settings | None = None
) -> bool:
    """Run one worker process, then one validator process; say whether the run is COMPLETE.

    Raises ConfigError when the config file is missing, invalid, or another job's.
    """
    path = Path(params_filepath)
    job = read_job(path, job_uuid)
    settings = settings or load_settings()
    try:
        return run_job(job, settings, params=path).state is RunState.COMPLETE
    except InfrastructureError as error:
        _log.warning("job %s: %s, %s", job_uuid, error.reason, error.message)
        return False


def run_null_hunts(n: int, settings: Settings | None = None, **given: Any) -> NullReport:
    """Repeat the home's hunt `n` times where only chance helps; see `irer.controls.null_hunts`."""
    from irer.controls.null_hunts import NullHunts

    settings = settings or load_settings()
    report = NullHunts(settings, run_hunt, new_id).run(n, **given)
    renew_hunt(settings.home, report.hunt_id)
    return report


def confirm_run(
    job_uuid: str, settings: Settings | None = None, **given: Any
) -> ConfirmationReport | None:
    """Repeat a run with fresh seeds and refinements; see `irer.controls.confirmation`."""
    from irer.controls.confirmation import Confirmation

    return Confirmation(settings or load_settings(), job_uuid, new_id).run(**given)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a headless hunt or its controls from the command line; return the exit code."""
    control = HuntControl(attended=False)
    try:
        arguments = hunt_options.parse(argv)
        settings = load_settings(home=arguments.home)
        order = hunt_options.order_of(arguments, settings)
        from irer.controls.commands import carry_out  # imports tqdm, h5py: not for the hub

        result, unfinished = carry_out(arguments, order, settings, control, sys.modules[__name__])
    except IrerError as error:
        print(f"core_engine.py: {error.message}", file=sys.stderr)
        return error.exit_code
    say(dump_json(result.model_dump(mode="json")))
    if unfinished:
        print(f"core_engine.py: stopped: {unfinished}", file=sys.stderr)
    return 1 if isinstance(result, NoBestRun) or unfinished else 0


if __name__ == "__main__":
    run_program(main)
