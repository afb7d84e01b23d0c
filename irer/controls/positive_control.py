"""The positive control: a find made on purpose, from the equations to the word *confirmed*.

A weak source with one ring at each ln p drives lines in the density, and the geometry follows. The
hunt is small, so that its decoy hunts and its confirmation take minutes. It has a home of its own,
`positive_control/`; complete runs there are not repeated. With the source's rings at a decoy's
targets nothing may be found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from irer.base.checking import check
from irer.base.goals import GROUPS
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.records import SimulationOptions
from irer.base.results import FinalResult, NoBestRun
from irer.controls.confirmation import Confirmation
from irer.controls.cost import in_words, relative_cost
from irer.controls.files import read_result
from irer.controls.groups import RUNS, TOTAL, refined
from irer.controls.null_hunts import NullHunts, SeriesObserver
from irer.controls.verdict import judged
from irer.home.homelock import hold_home
from irer.home.registry import load_plan
from irer.hunt.control import HuntControl
from irer.hunt.observer import RunHunt
from irer.validation import TARGETS
from settings import Settings

DECOY_HUNTS = 39  # the fewest that allow p_hunt = 1 / 40
SEED = 20261127
CORE_SECONDS = 5.0  # of one run, its validation included: 2 cores, Intel Xeon, 2026-11-27

# The source is weak, so that lines of the density are linear in it and the power between them,
# made by pairs of rings, is small. The ring at 0 lets psi grow in one phase, without defects; c3
# turns psi relative to the source, so that the geometry lags by an amount that the grid resolves.
_ORDER: dict[str, Any] = {
    "num_generations": 2,
    "population_size": 3,
    "sampler": "gp",
    "seed": SEED,
    "simulation": {"T_steps": 500, "initial_amplitude": 1e-3},
    "params": {
        "epsilon": [0.38, 0.45],
        "c1": 0.0,
        "c3": [1.6, 2.0],
        "g_nonlocal": 0.0,
        "sigma_k": 1.0,
        "k0": 0.0,
        "kappa": 0.3,
        "source_amplitude": [0.015, 0.025],
        "source_width": 0.026,
    },
}


class PlanHunt(Protocol):
    """`core_engine.plan_hunt`."""

    def __call__(self, order: HuntOrder, settings: Settings) -> HuntPlan:
        """Fill the order's gaps."""


@dataclass(frozen=True)
class Engine:
    """The functions of the engine that the control uses."""

    plan_hunt: PlanHunt
    run_hunt: RunHunt
    new_id: Callable[[], str]


def order(places: tuple[float, ...] = tuple(TARGETS)) -> HuntOrder:
    """Return the hunt's order with the source's rings at `places` and at 0."""
    simulation = _ORDER["simulation"] | {"source_rings": [0.0, *map(float, places)]}
    return check(HuntOrder, _ORDER | {"simulation": simulation}, what="the order")


def own_settings(settings: Settings) -> Settings:
    """Return the settings of the control's own home, without the limits of a user's hunts."""
    own = {
        "home": settings.home.positive_control,
        "keep_artifacts": "all",
        "max_wall_s": None,
        "max_stagnation": None,
        "polish_generations": 0,
    }
    return settings.model_copy(update=own)


def total_runs() -> int:
    """Return how many runs the hunt and its decoy hunts take, without the confirmation."""
    hunt = order()
    return (hunt.num_generations or 0) * (hunt.population_size or 0) * (1 + DECOY_HUNTS)


def announcement(settings: Settings) -> str:
    """Return how many runs there are and how long they take with the settings' workers."""
    base = check(SimulationOptions, order().simulation, what="the order")
    repeats = RUNS * sum(relative_cost(refined(base, name), base) for name in GROUPS)
    seconds = (total_runs() + repeats) * CORE_SECONDS / settings.workers
    return (
        f"positive control: {total_runs()} runs of a hunt and its {DECOY_HUNTS} decoy hunts, "
        f"{TOTAL} of its confirmation; about {in_words(seconds)} with {settings.workers} workers"
    )


def run(
    settings: Settings,
    engine: Engine,
    observer: SeriesObserver,
    control: HuntControl,
    confirming: Callable[[int, int], object],
) -> FinalResult:
    """Run the missing parts of hunt, decoy hunts and confirmation; return the judged best run.

    If it ended early, the verdict of the result names what is missing. Raises as `run_hunt`,
    `NullHunts` and `Confirmation` do.
    """
    own = own_settings(settings)
    with hold_home(own.home):
        plan = load_plan(own.home) or engine.plan_hunt(order(), own)
        observer.next_hunt("the hunt", 0)
        best = read_result(own.home, plan.hunt_id) if plan.state == "Completed" else None
        best = best or engine.run_hunt(plan=plan, settings=own, observer=observer, control=control)
    if control.stopping or isinstance(best, NoBestRun):
        return best
    nulls = NullHunts(own, engine.run_hunt, engine.new_id)
    nulls.run(DECOY_HUNTS, ["decoys"], observer, control)
    if not control.stopping:
        Confirmation(own, best.job_uuid, engine.new_id).run(confirming, control)
    return judged(best, own.home)
