"""A hunt from Python, with a progress bar, also in a notebook."""

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import core_engine
from irer.api.home import OpenHome, open_home
from irer.api.run import Run
from irer.api.runs import Runs
from irer.base.errors import ConfigError
from irer.base.html import pairs
from irer.base.hunt_records import HuntPlan
from irer.base.records import SimulationOptions
from irer.home.homelock import hold_home
from irer.home.ledger_row import LedgerRow
from irer.home.logs import attach_rotating
from irer.home.registry import load_plan, unfinished_plan
from irer.hunt.control import HuntControl
from irer.hunt.interrupts import interrupts
from irer.hunt.loading import joined
from irer.hunt.observer import HuntObserver, SilentObserver
from irer.hunt.order import read_order
from irer.hunt.parameter_files import Parameters, of_ledger_row, of_record, read_parameters
from irer.hunt.progress import ProgressBar
from settings import Settings
from settings import load as load_settings


@dataclass(frozen=True)
class Hunt:
    """A hunt that has ended: its plan, its final result, its runs."""

    plan: HuntPlan
    result: Mapping[str, Any]  # the best run with its verdict, or {"error": ...}
    home: OpenHome

    @property
    def state(self) -> str:
        """Completed, or Stopped for one that can go on: `irer.hunt(resume=True)`."""
        return self.plan.state

    @property
    def best(self) -> Run | None:
        """Its best run; None when no run has a score."""
        job_uuid = self.result.get("job_uuid")
        return self.home.run(job_uuid) if job_uuid else None

    def runs(self) -> Runs:
        """Return its runs; see `OpenHome.runs`."""
        return self.home.runs(self.plan.hunt_id)

    def __repr__(self) -> str:
        return f"<Hunt {self.plan.hunt_id} {self.state}, best {self.best!r}>"

    def _repr_html_(self) -> str:
        verdict = self.result.get("verdict", {})
        shown = {
            "state": self.plan.state,
            "why": self.plan.message,
            "runs": len(self.runs()),
            "best run": self.result.get("job_uuid", self.result.get("error")),
            "log_prime_sse": self.result.get("log_prime_sse"),
            "sdg_h_norm_l2": self.result.get("sdg_h_norm_l2"),
            "verdict": verdict.get("scientific"),
        }
        return pairs(f"hunt {self.plan.hunt_id}", shown)


def hunt(
    folder: str | os.PathLike[str] | None = None,
    *,
    generations: int | None = None,
    population: int | None = None,
    seed: int | None = None,
    sampler: str | None = None,
    model: str | None = None,
    simulation: SimulationOptions | Mapping[str, Any] | None = None,
    params: Mapping[str, float | list[float]] | None = None,
    points: Sequence[Mapping[str, float]] | None = None,
    from_: "str | os.PathLike[str] | Mapping[str, Any] | Run | LedgerRow | None" = None,
    ignore_unknown: bool = False,
    progress: bool = True,
    resume: bool = False,
    runner: str | None = None,
    workers: int | None = None,
    **order: Any,
) -> Hunt:
    """Run a hunt to its end in this process's worker processes, and return it.

    Ctrl-C (in a notebook: interrupt) once stops it after the running jobs, twice at once; then
    `resume=True` goes on. In a script, call it below `if __name__ == "__main__":`, because Python
    imports the script into every process that it starts.

    Source: docs/searching.md, docs/metrics.md.

    Args:
        folder: the home, the folder of all data, made if need be (default IRER_HOME, else
            ./irer_home).
        generations: how many (default 10).
        population: jobs of each (default 10).
        seed: 0 to 4,294,967,295 (default random); equal orders in new homes find the same.
        sampler: gp, tpe, nsga2, nsga3 or random (docs/searching.md).
        model: sncgl_sdg, sncgl_flat or fmia (docs/equations.md).
        simulation: options that differ from the defaults: `{"N_grid": 64, "T_steps": 300}`.
        params: a number fixes a parameter, [low, high] searches it between them.
        points: candidates that run first, each with a value for every searched parameter.
        from_: begin with what a file holds (golden parameters, a run's record, a hunt.json, a
            ledger's row as FILE#UUID, a draft's parameters; docs/howto/load.md), or with a run, a
            row of `runs()` or a dictionary; what is given beside it wins.
        ignore_unknown: leave out what `from_` has without counterpart instead of refusing it.
        progress: draw a bar: jobs done, failed, smallest errors.
        resume: go on with the unfinished hunt of the home; give no order with it.
        runner: where jobs run: pool, subprocess or dask (default pool).
        workers: how many of them at once (default: the cores of this machine).
        order: further fields of an order: `max_wall_s`, `max_stagnation`, `polish_generations`.

    Raises:
        ConfigError: naming every wrong field of the order.
        ConflictError: another process works in the home, or there is nothing to resume.
        DeviceError, StorageError, ContractError: as `core_engine.execute_hunt`.
    """
    _refuse_in_a_starting_worker()
    data = order | {
        "num_generations": generations,
        "population_size": population,
        "seed": seed,
        "sampler": sampler,
        "model": model,
        "simulation": _as_dict(simulation),
        "params": None if params is None else dict(params),
        "points": None if points is None else [dict(point) for point in points],
    }
    opened = open_home(folder)
    settings = load_settings(home=opened.folder, runner=runner, workers=workers)
    if from_ is not None:
        found = _parameters(from_, ignore_unknown=ignore_unknown, fmia=model == "fmia")
        given = {name: value for name, value in data.items() if value is not None}
        data = joined(found, given, settings)
    with hold_home(settings.home):
        plan = _plan(data, settings, resume=resume)
        attach_rotating("irer.engine", settings.home.hunt_log)
        result = _execute(plan, settings, progress=progress)
        ended = load_plan(settings.home)
    return Hunt(ended or plan, result, opened)


def _parameters(
    source: "str | os.PathLike[str] | Mapping[str, Any] | Run | LedgerRow",
    *,
    ignore_unknown: bool,
    fmia: bool,
) -> Parameters:
    if isinstance(source, Run):
        return of_record(source.record)
    if isinstance(source, LedgerRow):
        return of_ledger_row(source, ignore_unknown=ignore_unknown)
    named = source if isinstance(source, Mapping) else os.fspath(source)
    return read_parameters(named, ignore_unknown=ignore_unknown, fmia=fmia)


def _plan(data: dict[str, Any], settings: Settings, *, resume: bool) -> HuntPlan:
    given = {name: value for name, value in data.items() if value is not None}
    if not resume:
        return core_engine.plan_hunt(read_order(given, settings, what="the order"), settings)
    if given:
        message = "goes on with the order in hunt.json, give no other"
        raise ConfigError.of_field("resume", f"{message} (got {', '.join(sorted(given))})")
    return unfinished_plan(settings.home)


def _execute(plan: HuntPlan, settings: Settings, *, progress: bool) -> dict[str, Any]:
    control = HuntControl(attended=False)
    if not progress:
        return _with(SilentObserver(), plan, settings, control)
    from tqdm.auto import tqdm  # a bar of the notebook where this is one

    with closing(ProgressBar(tqdm)) as bar:
        return _with(bar, plan, settings, control)


def _with(
    observer: HuntObserver, plan: HuntPlan, settings: Settings, control: HuntControl
) -> dict[str, Any]:
    with interrupts(control):
        return core_engine.execute_hunt(
            plan=plan, settings=settings, observer=observer, control=control
        )


def _as_dict(simulation: SimulationOptions | Mapping[str, Any] | None) -> dict[str, Any] | None:
    if isinstance(simulation, SimulationOptions):
        own = SimulationOptions.model_fields
        return {name: getattr(simulation, name) for name in own}
    return None if simulation is None else dict(simulation)


def _refuse_in_a_starting_worker() -> None:
    """Raise ConfigError in a process that imports the caller's script while it is started."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise ConfigError(
            "irer.hunt starts processes, and each imports this script: "
            'call it below `if __name__ == "__main__":`'
        )
