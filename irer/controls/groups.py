"""The groups of a confirmation: a run's own settings and four refinements of them."""

from typing import Any

from irer.base.checking import check
from irer.base.errors import ConfigError, ConflictError, NotFoundError
from irer.base.goals import GROUPS, GroupName
from irer.base.records import Provenance, RunState, SimulationOptions
from irer.home import Home
from irer.home.provenance import read_provenance

RUNS = 8  # a group
TOTAL = RUNS * len(GROUPS)


def read_run(home: Home, job_uuid: str) -> Provenance:
    """Return the run that is to be confirmed.

    Raises NotFoundError if the home has no such run, ConflictError if it failed, ConfigError if a
    refinement would pass the limits of the grid.
    """
    path = home.provenance_file(job_uuid)
    if not path.exists():
        raise NotFoundError(f"there is no run {job_uuid} in {home}")
    record = read_provenance(path)
    if record.state is not RunState.COMPLETE:
        raise ConflictError(f"the run {job_uuid} failed; only a complete run can be confirmed")
    for name in GROUPS:
        refined(record.simulation, name)
    return record


def refined(base: SimulationOptions, name: GroupName) -> SimulationOptions:
    """Return the simulation options of a group. Raises ConfigError past the limits of the grid.

    `finer_grid` doubles N at the same L; `half_step` halves dt over the same time; `larger_box`
    takes 1.5 times the N and L (N stays even, L follows it); `float64` computes in double
    precision, so it repeats `base` with other seeds if the run did so already.
    """
    changes = _changes(base, name)
    try:
        return check(SimulationOptions, base.model_dump() | changes, what="the options")
    except ConfigError as error:
        raise ConfigError(
            f"the run cannot be confirmed: its refinement {name} passes a limit, {error.message}",
            error.errors,
        ) from error


def _changes(base: SimulationOptions, name: GroupName) -> dict[str, Any]:
    if name == "finer_grid":
        return {"N_grid": 2 * base.N_grid}
    if name == "half_step":
        return {"dt": base.dt / 2, "T_steps": 2 * base.T_steps}
    if name == "larger_box":
        n_grid = 2 * round(0.75 * base.N_grid)
        return {"N_grid": n_grid, "box_length": base.box_length * n_grid / base.N_grid}
    return {"precision": "float64"} if name == "float64" else {}
