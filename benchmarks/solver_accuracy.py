"""Error of controlled steps per time unit, begun anew in each, against steps halved to certainty.

The promise: where the outcome is OK, no field is off by more than 1e-4 of itself after one time
unit. The reference are fixed steps in float64 from the same state, halved until its fields change
by less than 1e-6. JSON lines:
  draws   random draws of the default space and its corner (c1 = 3, c3 = -2, kappa = 1), N = 64,
          box 10 pi, at dt = 0.1, 0.5 and 1: the first two time units and one after 20
  wide    the same at dt = 0.1 with N = 128, box 20 pi, after 20 time units
  cases   quiet starts at long dt, defects being born, a fine grid at the corner, the geometry
          `constraint`, the model fmia, 3-D, and a run of 2,000 time units, looked at every 100
`broken` counts the units whose outcome is OK and whose error is above 1e-4.
usage: python benchmarks/solver_accuracy.py [--draws 200] [--wide 50] [--short]
(--short: 5 draws, none wide, the quick cases, in about a minute on an idle machine)
"""

import argparse
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["JAX_ENABLE_X64"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.timing import pin_to_one_core, report

pin_to_one_core()

from irer.base.records import Outcome, SncglParams
from irer.physics import SimulationConfig, SimulationResult, simulate
from settings import DEFAULT_PARAM_SPACE

BOUND, CERTAIN = 1e-4, 1e-6
SMALL = SimulationConfig(
    N_grid=64, box_length=10 * math.pi, precision="float64", n_frames=1, n_snapshots=1
)
CORNER = {"c1": 3.0, "c3": -2.0, "kappa": 1.0}
STEEP = {"epsilon": 1.5, "g_nonlocal": -0.5, "sigma_k": 0.1, "k0": 2.5}


@dataclass(frozen=True)
class Unit:
    """One stretch of a run: its errors per time unit, its outcome, its steps."""

    psi: float
    u: float
    outcome: Outcome
    steps: float


def draws(count: int) -> list[SncglParams]:
    rng = np.random.default_rng(0)
    found = [SncglParams(**CORNER)]
    while len(found) < count:
        point = {name: float(rng.uniform(*b)) for name, b in DEFAULT_PARAM_SPACE.items()}
        found.append(SncglParams(**point))
    return found


def start_of(result: SimulationResult | None) -> dict[str, Any]:
    """Return where a run that follows `result` starts, as arguments of `simulate`."""
    if result is None:
        return {}
    if result.momentum is not None:
        return {"psi0": result.psi.real, "u0": result.momentum}
    return {"psi0": result.psi, "u0": result.u}


def difference(a: SimulationResult, b: SimulationResult) -> tuple[float, float]:
    """Return the relative differences of psi and u; of fmia, of the field with its momentum."""
    if a.momentum is not None and b.momentum is not None:
        size = np.hypot(np.linalg.norm(b.psi), np.linalg.norm(b.momentum))
        off = np.hypot(np.linalg.norm(a.psi - b.psi), np.linalg.norm(a.momentum - b.momentum))
        return float(off / size), 0.0
    pairs = ((a.psi, b.psi), (a.u, b.u))
    psi, u = (float(np.linalg.norm(x - y) / (np.linalg.norm(y) or 1.0)) for x, y in pairs)
    return psi, u


def reference(config: SimulationConfig, start: dict[str, Any], first: int) -> SimulationResult:
    """Return the run in fixed steps, halved until nothing changes by more than CERTAIN."""
    time, last = config.dt * config.T_steps, None
    for halving in range(12):
        steps = first * 2**halving
        fixed = {"dt": time / steps, "T_steps": steps, "step_control": "fixed"}
        found = simulate(config.model_copy(update=fixed), **start)
        if last is not None and max(difference(found, last)) < CERTAIN:
            return found
        last = found
    raise SystemExit(f"no reference for {config}")


def units(
    config: SimulationConfig, count: int, unit: float = 1.0, skip: float = 0.0, first: int = 64
) -> Iterator[Unit]:
    """Yield each of `count` stretches of a run after `skip`, every one begun anew."""
    result = None
    if skip:
        result = simulate(config.model_copy(update={"T_steps": round(skip / config.dt)}))
    piece = config.model_copy(update={"T_steps": round(unit / config.dt)})
    for _ in range(count):
        start = start_of(result)
        result = simulate(piece, **start)
        steps = float(result.diagnostics["substeps"].sum())
        if result.outcome is not Outcome.OK:
            yield Unit(math.nan, math.nan, result.outcome, steps)
            return
        psi, u = difference(result, reference(piece, start, first))
        yield Unit(psi / unit, u / unit, result.outcome, steps)


def told(name: str, found: list[Unit], **about: object) -> None:
    ok = [unit for unit in found if unit.outcome is Outcome.OK]
    psi, u = (np.array([getattr(unit, field) for unit in ok]) for field in ("psi", "u"))
    report(
        "controlled steps: relative error per time unit", part=name, **about, units=len(found),
        not_ok=len(found) - len(ok), broken=int((np.maximum(psi, u) > BOUND).sum()),
        largest_psi=float(psi.max(initial=0)), largest_u=float(u.max(initial=0)),
        median_psi=float(np.median(psi)), median_u=float(np.median(u)),
        steps=sum(unit.steps for unit in found),
    )  # fmt: skip


def of_draws(count: int, dts: tuple[float, ...]) -> None:
    for dt in dts:
        early, late = [], []
        for seed, params in enumerate(draws(count)):
            changes = {"dt": dt, "global_seed": seed, "sncgl_params": params}
            run = SMALL.model_copy(update=changes)
            early += list(units(run, 2))
            late += list(units(run, 1, skip=20))
        told("draws", early, dt=dt, draws=count, after=0)
        told("draws", late, dt=dt, draws=count, after=20)


def wide(count: int) -> None:
    size, found = {"N_grid": 128, "box_length": 20 * math.pi}, []
    for seed, params in enumerate(draws(count)):
        changes = {"global_seed": seed, "sncgl_params": params, **size}
        found += list(units(SMALL.model_copy(update=changes), 1, skip=20))
    told("wide", found, dt=0.1, draws=count, after=20)


def cases(*, short: bool) -> None:
    def run(**changes: Any) -> SimulationConfig:
        return SMALL.model_copy(update=changes)

    quiet = {"initial_amplitude": 1e-3}
    told("quiet start, dt = 1", list(units(run(dt=1.0, **quiet), 12)))
    told("quiet start, dt = 2", list(units(run(dt=2.0, **quiet), 6, unit=2.0)))
    told("smooth start, dt = 0.5", list(units(run(dt=0.5, initial_amplitude=0.01), 12)))
    small_3d = {"dimensions": 3, "N_grid": 16 if short else 32, "box_length": 5 * math.pi}
    told("3-D", list(units(run(**small_3d, sncgl_params=SncglParams(**CORNER)), 2)))
    wave = SncglParams(epsilon=1.0, diffusion=2.0, lambda_cubic=2.0, eta=0.1)
    told("fmia", list(units(run(model="fmia", sncgl_params=wave), 4, first=256)))
    if short:
        return
    born = run(sncgl_params=SncglParams(**CORNER, **STEEP), global_seed=2)
    told("defects born", list(units(born, 30, unit=0.5)), after=0)
    fine = {"N_grid": 256, "box_length": 20 * math.pi}
    told("fine grid at the corner", list(units(born.model_copy(update=fine), 2, unit=0.4, skip=4)))
    held = run(geometry="constraint", N_grid=32, box_length=5 * math.pi)
    told("constraint", list(units(held, 6)))
    told("constraint at the corner", list(units(
        held.model_copy(update={"sncgl_params": SncglParams(**CORNER)}), 2, skip=10
    )))  # fmt: skip
    long_run()


def long_run() -> None:
    """Run 2,000 time units in one, and look at one unit of it every 100."""
    whole = SMALL.model_copy(update={"T_steps": 20_000, "n_frames": 200})
    result = simulate(whole)
    report(
        "controlled steps: a long run", time=result.t, outcome=result.outcome.name,
        steps=float(result.diagnostics["substeps"].sum()),
        largest_estimate=float(result.diagnostics["step_error"].max()),
    )  # fmt: skip
    found, here = [], None
    unit = SMALL.model_copy(update={"T_steps": 10})
    for _ in range(20):
        there = SMALL.model_copy(update={"T_steps": 1000})
        here = simulate(there, **start_of(here))
        next_unit = simulate(unit, **start_of(here))
        psi, u = difference(next_unit, reference(unit, start_of(here), 64))
        steps = float(next_unit.diagnostics["substeps"].sum())
        found.append(Unit(psi, u, next_unit.outcome, steps))
    told("long run", found, dt=0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the error of controlled steps.")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--wide", type=int, default=50)
    parser.add_argument("--short", action="store_true", help="a form of about a minute")
    parser.add_argument("--only", choices=["draws", "wide", "cases"])
    given = parser.parse_args()
    if given.only in (None, "draws"):
        of_draws(5 if given.short else given.draws, (0.1, 1.0) if given.short else (0.1, 0.5, 1.0))
    if given.only in (None, "wide") and not given.short:
        wide(given.wide)
    if given.only in (None, "cases"):
        cases(short=given.short)


if __name__ == "__main__":
    main()
