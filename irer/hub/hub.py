"""One hub: its parts, and what they know together."""

from dataclasses import dataclass, field

from irer.base.errors import NotFoundError
from irer.base.hunt_records import HuntPlan
from irer.base.records import Provenance
from irer.base.results import NO_BEST_RUN, BestRun, FinalResult, best_run
from irer.controls.verdict import engineering, judged
from irer.home.provenance import read_provenance
from irer.home.registry import load_plan
from irer.hub.component_runs import ComponentRuns
from irer.hub.confirmations import Confirmations
from irer.hub.hunt_queue import HuntQueue
from irer.hub.hunted import Hunted, Objective, covered_space
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

    def known(self, job_uuid: str) -> None:
        """Raise NotFoundError unless the run is committed."""
        if self.index.get(job_uuid) is None:
            raise NotFoundError(f"there is no run {job_uuid}")

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

    def hunted(self, choice: str, objective: Objective) -> Hunted:
        """Return the runs that a figure shows: of the `current` hunt, of `all`, or of one by id.

        The space is the one that was searched; where that is not known (all hunts together, hunts
        from before 11.1) it is what the runs cover.
        """
        hunt_id = self.board.hunt_id if choice == "current" else choice
        runs = self.index.runs(None if choice == "all" else hunt_id or "")
        plan = self.plan_of(hunt_id) if hunt_id and choice != "all" else None
        return Hunted(runs, plan.search_space if plan else covered_space(runs), objective)

    def plan_of(self, hunt_id: str) -> HuntPlan | None:
        """Return the plan of any hunt of the home, None where none is kept."""
        kept, current = self.kept.plan(hunt_id), self.board.state.plan
        return current if kept is None and current and current.hunt_id == hunt_id else kept
