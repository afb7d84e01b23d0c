"""Null hunts: the hunt again where only chance can be found, to see how often that does as well.

Sampler, budget, bounds, rule of the seeds and selection are the same; one thing differs:

* `decoys`: the targets are a decoy comb instead of ln p, on the same physics. If ln p means
  nothing to the field, such a hunt is exchangeable with the real one; p_hunt is taken from these.
* `flat`: the physics is without geometry, non-local coupling and source. This is a second control.

Both run through the usual worker and validator on the hunt's runner. Each has a home of its own,
`null_hunts/{hunt_id}/{kind}/{number}`, so work that was killed goes on from its files: a
finished null hunt is only read, an unfinished one is resumed.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from irer.base.errors import ConfigError, ConflictError
from irer.base.files import write_json
from irer.base.goals import NULL_KINDS, NullKind
from irer.base.hunt_records import HuntPlan
from irer.base.models import facts_of
from irer.base.seeds import derive_seed, generator
from irer.controls.complete_hunt import complete_hunt
from irer.controls.fingerprint import sealed
from irer.controls.records import NullBests, NullReport
from irer.home import Home
from irer.home.home_ledger import rows_of_home
from irer.home.homelock import hold_home
from irer.home.registry import load_plan, save_plan
from irer.hunt.control import HuntControl
from irer.hunt.observer import HuntObserver, RunHunt, SilentObserver
from irer.search.significance import p_hunt
from irer.validation import decoy_combs
from settings import Settings

_WITHOUT = {
    "g_nonlocal": 0.0,
    "source_amplitude": 0.0,
}  # in flat null hunts: these could make lines


class SeriesObserver(HuntObserver, Protocol):
    """Watches null hunts, one after another, and the jobs of each."""

    def next_hunt(self, name: str, jobs_done: int) -> None:
        """Note which null hunt begins now, and how many jobs of complete ones were skipped."""


class SilentSeries(SilentObserver):
    """Watches nothing."""

    def next_hunt(self, name: str, jobs_done: int) -> None:
        """Ignore it."""


class NullHunts:
    """The null hunts of a complete hunt; `run_hunt` and `new_id` are the engine's."""

    def __init__(self, settings: Settings, run_hunt: RunHunt, new_id: Callable[[], str]) -> None:
        """Read the hunt of the home.

        Raises ConflictError if it is not complete or has no complete run, ContractError if its
        objective, bounds or thresholds have changed since it began.
        """
        self._settings = settings
        self._run_hunt = run_hunt
        self._new_id = new_id
        self.plan = complete_hunt(settings.home, "null hunts repeat a complete hunt")
        best = smallest_sse(settings.home, self.plan)
        if best is None:
            raise ConflictError(f"the hunt {self.plan.hunt_id} has no run that counts")
        self._best = best
        self._null_bests: dict[NullKind, dict[int, float | None]] = {
            kind: {} for kind in NULL_KINDS
        }
        for kind in NULL_KINDS:
            for number in settings.home.null_hunt_numbers(self.plan.hunt_id, kind):
                self._note(kind, number)

    def run(
        self,
        n: int,
        kinds: Sequence[NullKind] = NULL_KINDS,
        observer: SeriesObserver | None = None,
        control: HuntControl | None = None,
    ) -> NullReport:
        """Run the missing ones of `n` null hunts of each kind; return the report, kept in a file.

        Ends early when `control` says so; the report counts complete null hunts. Raises as
        `run_hunt` does, ConfigError if this hunt has no null hunt of a kind, ConflictError if
        another process works on them.
        """
        for kind in kinds:
            null_plan(self.plan, kind, 1)
        with hold_home(self._settings.home.null_hunts(self.plan.hunt_id)):
            self._run_all(
                kinds, n, observer or SilentSeries(), control or HuntControl(attended=False)
            )
        return self.report()

    def _run_all(
        self, kinds: Sequence[NullKind], n: int, observer: SeriesObserver, control: HuntControl
    ) -> None:
        for kind in kinds:
            for number in range(1, n + 1):
                if control.stopping:
                    break
                done = number in self._null_bests[kind]
                observer.next_hunt(f"{kind} {number} of {n}", self.plan.total_jobs if done else 0)
                if not done:
                    self._run_one(kind, number, observer, control)
            self._save()

    def report(self) -> NullReport:
        """Return p and n of each kind; p of the decoy hunts is the hunt's p_hunt."""
        kinds: dict[str, NullBests] = {kind: self._bests_of(kind) for kind in NULL_KINDS}
        return NullReport(
            hunt_id=self.plan.hunt_id,
            design_sha256=self.plan.design_sha256,
            measure_version=self.plan.measure_version,
            statistic="smallest log_prime_sse of the hunt",
            best=self._best,
            kinds=kinds,
            p_hunt=kinds["decoys"].p_hunt,
        )

    def _bests_of(self, kind: NullKind) -> NullBests:
        bests = [best for _, best in sorted(self._null_bests[kind].items())]
        p = p_hunt(self._best, bests) if bests else None
        return NullBests(n=len(bests), p_hunt=p, bests=bests)

    def _own(self, kind: NullKind, number: int) -> Home:
        """Return the home of a null hunt."""
        return self._settings.home.null_hunt(self.plan.hunt_id, kind, number)

    def _run_one(
        self, kind: NullKind, number: int, observer: HuntObserver, control: HuntControl
    ) -> None:
        home = self._own(kind, number)
        plan = load_plan(home)
        if plan is None:
            seed = derive_seed("null_hunts", self.plan.seed, NULL_KINDS.index(kind), number)
            fresh = null_plan(self.plan, kind, number)
            plan = sealed(fresh.model_copy(update={"hunt_id": self._new_id(), "seed": seed}))
            save_plan(home, plan)
        # Only the best run's fields are kept.
        settings = self._settings.model_copy(update={"home": home, "keep_artifacts": "best:1"})
        self._run_hunt(plan=plan, settings=settings, observer=observer, control=control)
        self._note(kind, number)
        self._save()

    def _note(self, kind: NullKind, number: int) -> None:
        """Note the result of a null hunt if it is complete."""
        home = self._own(kind, number)
        plan = load_plan(home)
        if plan is not None and plan.state == "Completed":
            self._null_bests[kind][number] = smallest_sse(home, plan)

    def _save(self) -> None:
        file = self._settings.home.null_report_file(self.plan.hunt_id)
        write_json(file, self.report().model_dump(mode="json"))


def null_plan(plan: HuntPlan, kind: NullKind, number: int) -> HuntPlan:
    """Return the plan of a null hunt, still with the hunt's own id and seed.

    The hunt's seed and the number determine the decoy, so that asking again draws no other.

    Raises ConfigError if a flat null hunt would not differ from the hunt or would search nothing.
    """
    changes: dict[str, Any] = {
        "first_generation": 1,
        "generation": 1,
        "job_uuids": (),
        "max_wall_s": None,
        "state": "Running",
        "message": None,
        "started_at": None,
        "ended_at": None,
    }
    if kind == "flat":
        uncoupled = facts_of(plan.model).uncoupled
        if uncoupled is None:
            raise ConfigError(
                f"the flat null hunts have no meaning for the model {plan.model}, which has no "
                "geometry, coupling or source to do without; ask for the kind decoys"
            )
        space = {name: ends for name, ends in plan.search_space.items() if name not in _WITHOUT}
        if not plan.search_space:
            raise ConfigError("the hunt searched nothing, so flat null hunts have no space")
        if not space:
            named = " and ".join(plan.search_space)
            raise ConfigError(f"the flat null hunts have nothing to search without {named}")
        fixed = plan.fixed_params.model_copy(update=_WITHOUT)
        points = tuple({name: point[name] for name in space} for point in plan.points)
        changes |= {"model": uncoupled, "fixed_params": fixed, "search_space": space}
        changes |= {"points": points}
    else:
        comb = decoy_combs(1, generator("decoys", plan.seed, number))[0]
        changes["comb"] = tuple(comb.tolist())
    return plan.model_copy(update=changes)


def smallest_sse(home: Home, plan: HuntPlan) -> float | None:
    """Return the smallest log_prime_sse of a hunt, None without any complete run."""
    rows = (row for row in rows_of_home(home) if row.hunt_id == plan.hunt_id)
    return min((row.objectives[0] for row in rows if row.objectives), default=None)
