"""How long jobs take, as far as this home and this machine have seen; an order's time from that."""

from dataclasses import dataclass

from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.models import DEFAULT_MODEL
from irer.base.records import SimulationConfig, SimulationOptions, SncglParams
from irer.controls.cost import hunt_seconds
from irer.hub.kept_hunts import KeptHunts
from irer.hub.pace import Opening
from irer.hub.runs import RECENT, RunIndex
from irer.hunt.order import CheckedOrder, check_order
from irer.runners.compile_once import compile_seconds, is_compiled
from settings import Settings

_Size = tuple[object, ...]

_HERE = ("pool", "subprocess")  # runners whose jobs run on this machine
_SIZE = {  # what a job's time depends on, beside its model
    "dimensions", "N_grid", "T_steps", "dt", "precision", "geometry", "step_control", "dealias",
}  # fmt: skip


@dataclass(frozen=True)
class JobTime:
    """The median time of jobs of a size, in seconds, and of how many."""

    seconds: float
    runs: int


@dataclass(frozen=True)
class HuntTime:
    """How long a hunt will take, in seconds; None for what is not known."""

    jobs: int
    job: JobTime | None  # of jobs of the same size in this home
    compiled: bool | None  # whether its programs are
    compile_s: float | None  # None too where they are
    seconds: float | None  # of all; at most its limit of time


class JobTimes:
    """Knows the times of a home's jobs."""

    def __init__(self, settings: Settings, index: RunIndex, kept: KeptHunts) -> None:
        self._settings = settings
        self._index = index
        self._kept = kept
        self._known: dict[_Size, tuple[int, JobTime | None]] = {}  # with the runs there were

    def of(self, model: str, options: SimulationOptions) -> JobTime | None:
        """Return the time of jobs of this size, from the newest hunt of such; None without one."""
        size, there = _size(model, options), self._index.size
        known = self._known.get(size)
        if known is None or known[0] != there:
            known = self._known[size] = there, self._look_up(size)
        return known[1]

    def _look_up(self, size: _Size) -> JobTime | None:
        for hunt_id, tally in self._index.hunts().items():
            seconds = tally.median_seconds
            plan = self._kept.plan(hunt_id) if seconds else None
            if seconds and plan and _size(plan.model, plan.simulation) == size:
                return JobTime(seconds, min(tally.committed, RECENT))
        return None

    def of_order(self, order: HuntOrder) -> HuntTime:
        """Return how long a hunt will take. Raises ConfigError for an order that is refused."""
        checked, settings = check_order(order, self._settings), self._settings
        model = order.model or DEFAULT_MODEL
        generations = order.num_generations or settings.num_generations
        population = order.population_size or settings.population_size
        job = self.of(model, checked.simulation)
        compiled = _compiled(order.runner or settings.runner, model, checked)
        compile_s = compile_seconds() if compiled is False else None
        seconds = None
        if job is not None:
            seconds = hunt_seconds(generations, population, settings.workers, job.seconds)
            seconds += compile_s or 0.0
            limit = order.max_wall_s or settings.max_wall_s
            seconds = seconds if limit is None else min(seconds, limit)
        return HuntTime(generations * population, job, compiled, compile_s, seconds)

    def opening(self, plan: HuntPlan) -> Opening:
        """Return what is expected of a hunt before its first result."""

        def compiled() -> bool | None:
            return _compiled(plan.runner, plan.model, plan)

        job, ready = self.of(plan.model, plan.simulation), compiled()
        compile_s = 0.0 if ready else None if ready is None else compile_seconds()
        return Opening(compiled, job.seconds if job else None, compile_s)


def _size(model: str, options: SimulationOptions) -> _Size:
    return (model, *sorted(options.model_dump(include=_SIZE).items()))


def _compiled(runner: str, model: str, hunt: HuntPlan | CheckedOrder) -> bool | None:
    if runner not in _HERE:
        return None
    non_local = "g_nonlocal" in hunt.search_space or hunt.fixed_params.g_nonlocal
    params = SncglParams(g_nonlocal=1.0 if non_local else 0.0)
    options = hunt.simulation.model_dump()
    return is_compiled(SimulationConfig(**options, model=model, sncgl_params=params))
