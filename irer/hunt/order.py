"""What a person asks of a hunt, checked as a whole before anything is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from irer.base.checking import check, config_error, validated, with_whole_numbers
from irer.base.discovery import Extension
from irer.base.errors import ConfigError, ExtensionError, FieldError
from irer.base.hunt_records import HuntOrder
from irer.base.models import DEFAULT_MODEL, facts_of
from irer.base.records import METRICS, RUNNERS, SAMPLERS, SimulationOptions, SncglParams
from irer.hunt.draft_names import with_counterparts
from irer.hunt.points import check_points
from irer.runners.cluster_checks import scheduler_of
from settings import Settings

Space = dict[str, tuple[float, float]]

_FREE_FORM = ("simulation", "params")  # which the order's own model does not check
EVERY_NAME = (  # of the fields of an order, as --set and errors write them
    *HuntOrder.model_fields,
    *(f"simulation.{name}" for name in SimulationOptions.model_fields),
    *(f"params.{name}" for name in SncglParams.model_fields),
)
_TWO_NUMBERS = re.compile(r"[\s(\[]*([-+\d.eE]+)\s*(?:[,;: ]|\.\.|to)\s*([-+\d.eE]+)[\s)\]]*")
_LONGEST_HINTED = 60  # characters


@dataclass(frozen=True)
class CheckedOrder:
    """The checked free-form parts of an order: what is simulated, fixed and searched."""

    simulation: SimulationOptions
    fixed_params: SncglParams
    search_space: Space
    points: tuple[dict[str, float], ...]  # that run first, in the names of the search space
    polish_generations: int


def read_order(data: Any, settings: Settings, *, what: str = "the body") -> HuntOrder:
    """Return the order in `data`. Raises ConfigError naming every wrong field at once."""
    if not isinstance(data, dict):
        return check(HuntOrder, data, what=what)
    try:
        order = validated(HuntOrder, data)
    except ValidationError as found_wrong:
        error = _named_as_here(config_error(HuntOrder, found_wrong, elsewhere=EVERY_NAME), data)
        wrong = {found.field for found in error.errors}
        rest = {name: data[name] for name in _FREE_FORM if name in data and name not in wrong}
        raise _joined(error, HuntOrder(**rest), settings) from found_wrong
    try:
        check_order(order, settings)
    except ConfigError as error:
        raise _named_as_here(error, data) from error
    return order


def _named_as_here(error: ConfigError, data: dict[str, Any]) -> ConfigError:
    """Say of names from earlier dashboards and drafts what they are called here."""
    errors = with_counterparts(error.errors, data)
    return ConfigError("; ".join(str(each) for each in errors) or error.message, errors)


def _joined(outer: ConfigError, order: HuntOrder, settings: Settings) -> ConfigError:
    """Add to `outer` what is wrong inside the free-form parts of the order."""
    try:
        check_order(order, settings)
    except ConfigError as inner:
        return ConfigError(f"{outer.message}; {inner.message}", outer.errors + inner.errors)
    return outer


def check_order(order: HuntOrder, settings: Settings) -> CheckedOrder:
    """Check the free-form parts of an order. Raises ConfigError naming every wrong field.

    A parameter given as a number is fixed and leaves the search space; one given as
    [low, high] is searched between them; the rest of the space is that of the settings. A null
    stands for the default. Only a hunt of one job may search nothing.
    """
    simulation = _whole(SimulationOptions, _without_nulls(order.simulation))
    wrong = _errors_of(SimulationOptions, simulation, "simulation.")
    fixed: dict[str, float] = {}
    space: Space = dict(settings.search_space(order.model or DEFAULT_MODEL))
    for name, value in _without_nulls(order.params).items():
        wrong += _params_error(name, value)
        space.pop(name, None)
        if isinstance(value, list):
            space[name] = (value[0], value[-1]) if value else (0.0, 0.0)
        else:
            fixed[name] = value
    if not wrong:
        wrong = _space_errors(space, _most_jobs(order, settings))
    if not wrong:
        jobs, seeds = _most_jobs(order, settings), order.seeds_per_candidate or 1
        points, wrong = check_points(order.points or (), space, fixed, jobs, seeds)
    if wrong:
        raise ConfigError("; ".join(str(error) for error in wrong), tuple(wrong))
    in_order = {name: space[name] for name in SncglParams.model_fields if name in space}
    options, params = SimulationOptions(**simulation), SncglParams(**fixed)
    _check_source(options, params, in_order)
    polish = order.polish_generations
    if polish is None:
        polish = settings.polish_generations
    _check_polish(polish, order, options)
    _check_seeds(order, settings)
    _check_extensions(order, settings)
    return CheckedOrder(options, params, in_order, points, polish)


def check_runner(order: HuntOrder, settings: Settings) -> None:
    """Check that an order's hunt can start here. Raises ConfigError where dask has no scheduler."""
    if (order.runner or settings.runner) == "dask":
        scheduler_of(settings)


def _check_source(options: SimulationOptions, params: SncglParams, space: Space) -> None:
    """Check that the grid's retained band holds the source at two corners of the space."""
    for end in (0, 1):
        corner = {name: bounds[end] for name, bounds in space.items()}
        if problem := options.source_problem(params.model_copy(update=corner)):
            part = "simulation" if problem.field == "source_rings" else "params"
            raise ConfigError.of_field(f"{part}.{problem.field}", problem.message)


def _check_polish(polish: int, order: HuntOrder, options: SimulationOptions) -> None:
    """Refuse descents where the simulation has no gradient (`irer.physics.gradient`)."""
    named, model = "", order.model or DEFAULT_MODEL
    if not facts_of(model).gradient:
        named = f"the model {model}"
    elif options.geometry == "constraint" and facts_of(model).geometry:
        named = "the geometry constraint"
    if named and polish:
        raise ConfigError.of_field("polish_generations", f"must be 0 for {named}, got {polish}")


def _check_extensions(order: HuntOrder, settings: Settings) -> None:
    """Refuse a hunt whose extensions cannot be loaded, before any job is run.

    Its equation is not among them: that would import JAX.
    """
    asked: list[tuple[str, Extension[Any] | None]] = [
        ("sampler", SAMPLERS.get(order.sampler or settings.sampler)),
        ("runner", RUNNERS.get(order.runner or settings.runner)),
        *(("", metric) for metric in METRICS.all()),
    ]
    for field, extension in asked:
        try:
            if extension:
                extension.load()
        except ExtensionError as error:
            errors = (FieldError(field, error.message),) if field else ()
            raise ConfigError(str(FieldError(field, error.message)), errors) from error


def _check_seeds(order: HuntOrder, settings: Settings) -> None:
    """Refuse more seeds for each candidate than the hunt has runs."""
    budget = _most_jobs(order, settings)
    if order.seeds_per_candidate is not None and order.seeds_per_candidate > budget:
        allowed = f"must be from 1 to the hunt's {budget:,} runs"
        message = f"{allowed}, got {order.seeds_per_candidate}"
        raise ConfigError.of_field("seeds_per_candidate", message)


def _without_nulls(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (given or {}).items() if value is not None}


def _whole(model: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` with whole floats made integers where integers are wanted."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        return with_whole_numbers(data, error) or data
    return data


def _errors_of(model: type[BaseModel], data: Mapping[str, Any], prefix: str) -> list[FieldError]:
    try:
        model.model_validate(data)
    except ValidationError as error:
        return list(config_error(model, error, prefix, EVERY_NAME).errors)
    return []


def _params_error(name: str, value: Any) -> list[FieldError]:
    """Return what is wrong with one entry of `params`, at most one error."""
    if not isinstance(value, list):
        wrong = _errors_of(SncglParams, {name: value}, "params.")
        return [_hinting_at_bounds(error, value) for error in wrong]
    if len(value) != 2:
        message = f"must be a number or [low, high], got {len(value)} values"
        return [FieldError(f"params.{name}", message)]
    wrong = _errors_of(SncglParams, {name: value[0]}, "params.")
    wrong = wrong or _errors_of(SncglParams, {name: value[1]}, "params.")
    if not wrong and not value[0] < value[1]:
        wrong = [FieldError(f"params.{name}", f"must have low < high, got {value}")]
    return wrong


def _hinting_at_bounds(error: FieldError, value: Any) -> FieldError:
    """Add how two numbers are written, if bounds were given as a text like 5,1."""
    short = isinstance(value, str) and len(value) <= _LONGEST_HINTED
    numbers = _TWO_NUMBERS.fullmatch(value) if short else None
    if numbers is None:
        return error
    hint = f"to search between two numbers, give [{numbers[1]},{numbers[2]}]"
    return FieldError(error.field, f"{error.message}; {hint}")


def _most_jobs(order: HuntOrder, settings: Settings) -> int:
    generations = order.num_generations or settings.num_generations
    return generations * (order.population_size or settings.population_size)


def _space_errors(space: Space, jobs: int) -> list[FieldError]:
    """Check the space, also the part from the settings, against the parameters' ranges."""
    if not space and jobs > 1:
        message = "must leave at least one parameter as [low, high], but for a hunt of one job"
        return [FieldError("params", message)]
    return [
        error for name, (low, high) in space.items() for error in (_params_error(name, [low, high]))
    ]
