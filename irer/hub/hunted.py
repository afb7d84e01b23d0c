"""The data of a figure: the runs of one hunt, and the space they were searched in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from irer.hub.run import PARAMS, Run

Space = Mapping[str, tuple[float, float]]
Objective = Literal["log_prime_sse", "constraint_violation"]


@dataclass(frozen=True)
class Chance:
    """What chance gives: the 5 to 95% range of the best scores of `n` decoy hunts."""

    n: int
    low: float
    high: float


@dataclass(frozen=True)
class Hunted:
    """The data of a figure: the runs of one hunt, and the space they were searched in."""

    runs: Sequence[Run]  # in (generation, index) order
    space: Space  # searched parameters, in the order of the equations
    objective: Objective = "log_prime_sse"  # of the figures that show a single one
    axes: tuple[str, str] = ("", "")  # of the map; an empty one: the first that is left
    chance: Chance | str = "no decoy hunt is known"  # or why it is not known


def covered_space(runs: Sequence[Run]) -> Space:
    """Return the parameters in which the runs differ, with the smallest and largest value."""
    values = np.frombuffer(b"".join(run.params for run in runs)).reshape(-1, len(PARAMS))
    if not len(values):
        return {}
    bounds = zip(PARAMS, values.min(axis=0).tolist(), values.max(axis=0).tolist(), strict=True)
    return {name: (low, high) for name, low, high in bounds if low < high}
