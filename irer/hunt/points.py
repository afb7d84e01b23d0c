"""The given points of a hunt, which run before what the sampler proposes."""

import math
from collections.abc import Mapping, Sequence

from irer.base.errors import FieldError
from irer.base.hunt_records import HuntPlan
from irer.base.words import unknown_name

Space = Mapping[str, tuple[float, float]]


def check_points(
    points: Sequence[Mapping[str, float]],
    space: Space,
    fixed: Mapping[str, float],
    jobs: int,
    seeds: int = 1,
) -> tuple[tuple[dict[str, float], ...], list[FieldError]]:
    """Return the points in the names of the search space, and what is wrong with them.

    Each needs a value inside the range of every searched parameter, so that the search learns from
    it; a fixed one may be named with its value. There may be as many as the hunt has jobs for,
    `seeds` each.
    """
    if len(points) > (most := -(-jobs // seeds)):
        each = " over seeds_per_candidate" if seeds > 1 else ""
        told = f"must be at most {most:,}, the jobs{each}, got {len(points):,}"
        return (), [FieldError("points", told)]
    wrong = [
        error
        for number, point in enumerate(points)
        for error in _wrong(number, point, space, fixed)
    ]
    return tuple({name: float(point.get(name, 0.0)) for name in space} for point in points), wrong


def _wrong(
    number: int, point: Mapping[str, float], space: Space, fixed: Mapping[str, float]
) -> list[FieldError]:
    errors = []
    for name, value in point.items():
        place = f"points.{number}.{name}"
        if name in fixed and value == fixed[name]:
            continue
        if name not in space:
            told = f"is fixed at {fixed[name]:g}" if name in fixed else ""
            errors.append(FieldError(place, told or unknown_name("parameter", name, space)))
        elif not (math.isfinite(value) and space[name][0] <= value <= space[name][1]):
            low, high = space[name]
            message = (
                f"must be from {low:g} to {high:g}, where it is searched, got {value:g}; "
                f"search further with params.{name} = [low, high]"
            )
            errors.append(FieldError(place, message))
    missing = [name for name in space if name not in point]
    errors += [
        FieldError(f"points.{number}.{name}", "required: it is searched") for name in missing
    ]
    return errors


def points_of(plan: HuntPlan, first: int, n: int) -> list[dict[str, float]]:
    """Return the given points among `n` candidates from the `first` on: every parameter of each."""
    fixed = plan.fixed_params.model_dump()
    return [fixed | dict(point) for point in plan.points[first : first + n]]
