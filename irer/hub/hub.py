"""One hub: its parts, and what they know together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from irer.base.errors import NotFoundError
from irer.base.hunt_records import HuntPlan
from irer.base.records import Provenance
from irer.base.results import NO_BEST_RUN, BestRun, FinalResult, best_run
from irer.base.uuids import whole_uuid
from irer.controls.reading.chance import decoy_band
from irer.controls.verdict import engineering, judged
from irer.home.provenance import read_provenance
from irer.home.registry import load_plan
from irer.hub.component_runs import ComponentRuns
from irer.hub.confirmations import Confirmations
from irer.hub.hunt_queue import HuntQueue
from irer.hub.hunted import Chance, Hunted, Objective, covered_space
from irer.hub.hunts import HuntController
from irer.hub.job_times import JobTimes
from irer.hub.kept_hunts import KeptHunts
from irer.hub.layer2 import Layer2
from irer.hub.notes import RunNotes
from irer.hub.run import Run
from irer.hub.runs import RunIndex
from irer.hub.status import StatusBoard
from irer.hub.views import ViewCache
from settings import Settings


@dataclass(frozen=True)
class Hub:
    """The parts of one hub, for its routes and for tests."""

    settings: Settings
    index: RunIndex
    board: StatusBoard
    hunts: HuntController
    queue: HuntQueue
    notes: RunNotes
    component_runs: ComponentRuns
    layer2: Layer2
    confirmations: Confirmations
    kept: KeptHunts
    times: JobTimes
    views: ViewCache = field(default_factory=ViewCache)
    readings: ViewCache = field(default_factory=ViewCache)  # a long one keeps no chart waiting

    def known(self, job_uuid: str) -> None:
        """Raise NotFoundError unless the run is committed."""
        if self.index.get(job_uuid) is None:
            raise NotFoundError(f"there is no run {job_uuid}")

    def run_named(self, text: str, field: str = "job_uuid") -> str:
        """Return the uuid of the run that `text` is or begins; a whole one is not looked for.

        Raises ConfigError for what can begin no uuid or begins several, NotFoundError for none.
        """
        return whole_uuid(text, self.index.uuids(), what="run", field=field)

    def hunt_named(self, text: str, field: str = "hunt_id") -> str:
        """Return the id of the hunt that `text` is or begins. Raises as `run_named`."""
        return whole_uuid(text, self._hunt_ids(), what="hunt", field=field)

    def component_run_named(self, text: str) -> str:
        """Return the uuid of the run of a component that `text` is or begins. Raises alike."""
        ids = self.component_runs.ids()
        return whole_uuid(text, ids, what="component run", field="job_uuid")

    def hunt_chosen(self, choice: str) -> str:
        """Return `current`, `all` or the whole id of a hunt of this home, for what names one.

        Raises as `run_named`, and NotFoundError for a whole id of no hunt.
        """
        if choice in ("current", "all"):
            return choice
        hunt_id = self.hunt_named(choice, "hunt")
        self.require_hunt(hunt_id)
        return hunt_id

    def require_hunt(self, hunt_id: str) -> None:
        """Raise NotFoundError unless the home has the hunt: its plan, or a committed run of it."""
        if self.plan_of(hunt_id) is None and not self.index.tally(hunt_id).committed:
            raise NotFoundError(f"there is no hunt {hunt_id}")

    def _hunt_ids(self) -> Iterable[str]:
        current = [self.board.hunt_id] if self.board.hunt_id else []
        waiting = [hunt.hunt_id for hunt in self.queue.state.hunts]
        return dict.fromkeys([*self.index.hunts(), *self.kept.ids(), *current, *waiting])

    def record(self, job_uuid: str) -> Provenance:
        """Read the whole record of a run. Raises NotFoundError for one that is not committed."""
        self.known(job_uuid)
        return read_provenance(self.settings.home.provenance_file(job_uuid))

    def best(self, hunt_id: str | None) -> FinalResult:
        """Return the best run of a hunt as its final result."""
        best = self.index.tally(hunt_id).best
        if best is None:
            return NO_BEST_RUN
        result, kept = best_run(self.record(best.job_uuid)), self.kept.result(best.hunt_id)
        if isinstance(result, BestRun) and isinstance(kept, BestRun):  # of an ended hunt alone
            beside = {"recommended": kept.recommended, "variance_share": kept.variance_share}
            result = result.model_copy(update=beside)
        return judged(result, self.settings.home, self._engineering(best))

    def _engineering(self, run: Run) -> tuple[bool, str] | None:
        """Return the engineering verdict on a run's hunt, if it is at rest and its plan is kept."""
        plan = load_plan(self.settings.home)
        if plan is None or plan.hunt_id != run.hunt_id:
            plan = self.kept.plan(run.hunt_id)
        if plan is None or plan.state in ("Running", "Paused"):
            return None
        tally = self.index.tally(run.hunt_id)
        return engineering(plan, tally.committed, tally.stalled)

    def hunted(self, choice: str, objective: Objective, axes: tuple[str, str] = ("", "")) -> Hunted:
        """Return the runs that a figure shows: of the `current` hunt, of `all`, or of one by id.

        The space is the one that was searched; where that is not known (all hunts together, hunts
        from before 11.1) it is what the runs cover.
        """
        hunt_id = self.board.hunt_id if choice == "current" else choice
        runs = self.index.runs(None if choice == "all" else hunt_id or "")
        plan = self.plan_of(hunt_id) if hunt_id and choice != "all" else None
        space = plan.search_space if plan else covered_space(runs)
        return Hunted(runs, space, objective, axes, self.chance_of(choice))

    def chance_of(self, choice: str) -> Chance | str:
        """Return what the decoy hunts of a figure's hunt found, or why that is not known."""
        if choice == "all":
            return "each hunt has decoy hunts of its own"
        hunt_id = self.board.hunt_id if choice == "current" else choice
        report, plan = self.kept.null_report(hunt_id or ""), self.plan_of(hunt_id or "")
        bests = report.kinds["decoys"].bests if report and "decoys" in report.kinds else []
        if report is None or not bests:
            return "this hunt has no decoy hunts yet"
        if plan is not None and plan.measure_version != report.measure_version:
            return "the decoy hunts are of another version of the measure"
        band = decoy_band(bests)
        return Chance(len(bests), *band) if band else "no decoy hunt has a run with a score"

    def plan_of(self, hunt_id: str) -> HuntPlan | None:
        """Return the plan of any hunt of the home, None where none is kept."""
        kept, current = self.kept.plan(hunt_id), self.board.state.plan
        return current if kept is None and current and current.hunt_id == hunt_id else kept
