"""The confirmation of a run: fresh seeds at its settings, refined, and in double precision.

Forty runs through the usual worker and validator, in `confirmations/{uuid}`, a home of its own,
so that none of them enters the ledger or the search. The seeds follow from the run, so that
asking again draws no others. A confirmation that was killed goes on from its files; one of
version 1 begins anew beside its old files.
"""

import logging
from collections.abc import Callable

from irer.base import seeds
from irer.base.clock import now
from irer.base.files import write_json
from irer.base.goals import GROUPS, GroupName
from irer.base.jobs import JobBook, end_state
from irer.base.records import JobConfig, Provenance
from irer.controls.files import (
    confirmation_settings,
    current_report,
    read_plan,
    set_former_aside,
)
from irer.controls.groups import RUNS, read_run, refined
from irer.controls.judging import assess
from irer.controls.kept_hunts import renew_hunt
from irer.controls.pooling import pooled
from irer.controls.records import ConfirmationPlan, ConfirmationReport
from irer.home.artifacts import Artifact, read_recorded
from irer.home.homelock import hold_home
from irer.home.provenance import read_provenance
from irer.home.registry import committed_records, register, sweep
from irer.hunt.control import HuntControl
from irer.hunt.dispatch import Dispatcher
from irer.hunt.open_runner import open_runner
from irer.hunt.pausing import Pauses
from irer.runners.runner import Runner
from settings import Settings

_log = logging.getLogger("irer.engine.confirmation")

_VERSION = 2  # its seeds differ from an earlier version's, whose results are known
Progress = Callable[[int, int], object]


def _unheard(*_: object) -> None:
    """Tell nobody."""


class Confirmation:
    """The confirmation of one run; `new_id` is the engine's."""

    def __init__(self, settings: Settings, job_uuid: str, new_id: Callable[[], str]) -> None:
        """Read the run from the home. Raises as `read_run`."""
        self.record = read_run(settings.home, job_uuid)
        self.settings = settings
        self._own = confirmation_settings(settings, job_uuid)
        self.home = self._own.home
        self._new_id = new_id

    def run(
        self,
        progress: Progress | None = None,
        control: HuntControl | None = None,
        runner: Runner | None = None,
    ) -> ConfirmationReport | None:
        """Run what is missing; return the report (docs/controls.md), or None when ended early.

        One process at a time works on it; a hub may serve the run's home meanwhile.

        The report is kept in the confirmation's home, with a page to read; a complete
        confirmation is only read. `progress` receives how many runs have their record, and of how
        many; `runner` runs jobs of that home (default: the one that the settings name). Raises
        StorageError if a file cannot be written, ContractError for a broken file of an earlier
        sitting, ConflictError if another process works on it.
        """
        report = current_report(self.settings.home, self.record.job_uuid)
        if report is None:
            control = control or HuntControl(attended=False)
            with (
                hold_home(self.home),
                open_runner(runner, self.settings.runner, self._own, control) as running,
            ):
                report = self._run(running, progress or _unheard, control)
        if report is not None:
            renew_hunt(self.settings.home, self.record.hunt_id)
        return report

    def _run(
        self, runner: Runner, progress: Progress, control: HuntControl
    ) -> ConfirmationReport | None:
        self.discovery()  # raises before forty runs if the artifact is broken
        set_former_aside(self.home)
        sweep(self.home)
        plan = self._plan()
        jobs = self._jobs(plan)
        register(self.home, jobs)
        records = committed_records(self.home, [job.job_uuid for job in jobs])
        progress(len(records), len(jobs))

        def take_in(record: Provenance) -> None:
            records[record.job_uuid] = record
            progress(len(records), len(jobs))

        book = JobBook()
        for record in records.values():
            reason = record.error.reason if record.error else None
            book.count_ended(end_state(record.state, reason))
        Dispatcher(
            self._own,
            runner,
            control,
            Pauses(control, _unheard, _unheard),
            book,
            committed=take_in,
            changed=_unheard,
        ).run([job for job in jobs if job.job_uuid not in records])
        sweep(self.home)
        if len(records) < len(jobs):
            return None
        return self._conclude(jobs, records, plan.started_at)

    def _plan(self) -> ConfirmationPlan:
        """Return the plan, which names the jobs before any of them starts."""
        plan = read_plan(self.home)
        if plan is None:
            ids = {name: [self._new_id() for _ in range(RUNS)] for name in GROUPS}
            job_uuid = self.record.job_uuid
            plan = ConfirmationPlan(job_uuid=job_uuid, job_uuids=ids, started_at=now())
            write_json(self.home.confirmation_plan_file, plan.model_dump(mode="json"))
        return plan

    def _jobs(self, plan: ConfirmationPlan) -> list[JobConfig]:
        """Return the jobs, by group."""
        return [
            self._job(name, index, job_uuid)
            for name in GROUPS
            for index, job_uuid in enumerate(plan.job_uuids[name])
        ]

    def _job(self, name: GroupName, index: int, job_uuid: str) -> JobConfig:
        record, number = self.record, GROUPS.index(name)
        job = JobConfig(
            job_uuid=job_uuid,
            hunt_id=record.hunt_id,
            generation=number + 1,
            index=index,
            origin=f"confirmation {name}",
            global_seed=seeds.derive_seed(
                "confirmation", record.global_seed, number, index, _VERSION
            ),
            model=record.model,
            simulation=refined(record.simulation, name),
            sncgl_params=record.sncgl_params,
            comb=record.comb,
        )
        return job.model_copy(update={"config_sha256": job.fingerprint()})

    def _conclude(
        self, jobs: list[JobConfig], records: dict[str, Provenance], started_at: str | None
    ) -> ConfirmationReport:
        from irer.controls.report import write_page  # brings Matplotlib

        groups = {
            name: [records[job.job_uuid] for job in jobs if job.generation == number + 1]
            for number, name in enumerate(GROUPS)
        }
        own = [self.artifact(r.job_uuid) for r in groups["own_settings"] if r.metrics]
        rng = seeds.generator("confirmation", self.record.global_seed)
        report = assess(self.record, groups, pooled(own, rng))
        report = report.model_copy(update={"started_at": started_at, "ended_at": now()})
        write_page(self, report)
        write_json(self.home.confirmation_file, report.model_dump(mode="json"))
        _log.info("run %s: confirmation %s", report.job_uuid, report.outcome)
        return report

    def discovery(self) -> Artifact | None:
        """Read the fields of the run itself, None if the artifact policy removed them.

        Raises ArtifactError if they have changed since the run was judged.
        """
        path = self.settings.home.artifact_file(self.record.job_uuid)
        return read_recorded(path, self.record) if path.exists() else None

    def artifact(self, job_uuid: str) -> Artifact:
        """Read the fields of a replicate. Raises ArtifactError."""
        record = read_provenance(self.home.provenance_file(job_uuid))
        return read_recorded(self.home.artifact_file(job_uuid), record)
