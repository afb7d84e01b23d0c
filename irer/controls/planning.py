"""From an order to a plan: what a person did not say is filled in."""

import secrets

from irer.base.goals import MEASURE_VERSION
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.models import DEFAULT_MODEL
from irer.controls.fingerprint import sealed
from irer.home import Home
from irer.home.ledger import last_generation
from irer.home.registry import load_plan
from irer.hunt.order import check_order
from settings import Settings


def plan_of(order: HuntOrder, settings: Settings, hunt_id: str) -> HuntPlan:
    """Return an order with its gaps filled with defaults, and its design sealed.

    Generations count on over all hunts of the home. Raises ConfigError naming every wrong
    field, ContractError when the home's ledger or hunt.json is broken.
    """
    checked = check_order(order, settings)
    first = _last_used_generation(settings.home) + 1
    plan = HuntPlan(
        hunt_id=hunt_id,
        seed=secrets.randbits(32) if order.seed is None else order.seed,
        num_generations=order.num_generations or settings.num_generations,
        population_size=order.population_size or settings.population_size,
        sampler=order.sampler or settings.sampler,
        model=order.model or DEFAULT_MODEL,
        runner=order.runner or settings.runner,
        max_wall_s=order.max_wall_s or settings.max_wall_s,
        max_stagnation=order.max_stagnation or settings.max_stagnation,
        polish_generations=checked.polish_generations,
        seeds_per_candidate=order.seeds_per_candidate or 1,
        simulation=checked.simulation,
        fixed_params=checked.fixed_params,
        search_space=checked.search_space,
        points=checked.points,
        measure_version=MEASURE_VERSION,
        first_generation=first,
        generation=first,
    )
    return sealed(plan)


def _last_used_generation(home: Home) -> int:
    earlier = load_plan(home)
    begun = earlier.generation if earlier and earlier.job_uuids else 0
    return max(begun, last_generation(home.ledger_file))
