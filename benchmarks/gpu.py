"""What a GPU is worth: batches of runs side by side, against its FFT library and its host's core.

    python benchmarks/gpu.py [--small] [--limit SECONDS] [--grid D N]

Under four minutes with start-up: cores of the host measure first, side by side. Prints one JSON
line a case: a grid of the coupled equations in float32, fixed steps, and a batch of runs that
differ in seed and parameters.
  step_ms             wall milliseconds a step of the whole batch: a long run less a short one
  transforms_ms       of as many full transforms as a step needs, by the device's FFT library
  transforms_share    their ratio
  jobs_per_s          jobs of 200 steps a second
  host_core_step_ms   milliseconds a step of one run on one core of the host
  jobs_over_one_core  jobs a second over those of that core
  lane_bits_equal     whether the first run has the bits that it has in the smallest batch
  lane_difference     and if not, by how much psi differs, relative to its maximum
  peak_mib            memory at most so far: the device's, without one this process's
  case_s              seconds that the case took, compiling included
Where JAX finds no accelerator it runs the same on the CPU, and `device` says so. `--small` takes
grids and batches that a test can afford, `--grid 3 64` one grid alone; cases that the limit leaves
no time for are named.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import pin_to_one_core, report

if __name__ == "__main__" and "--host" in sys.argv:
    pin_to_one_core(int(sys.argv[-1]))

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, SimulationResult, simulate, simulate_batch

JOB_STEPS = 200
LIMIT_S = 200.0
TRANSFORMS = {2: (4, 3), 3: (4, 8)}  # complex and real ones of one right-hand side
STAGES = 4  # right-hand sides of a step
ROUNDS = 3


@dataclass(frozen=True)
class Case:
    """A grid, the batches to run on it, and the steps of the short and the long run."""

    dimensions: int
    n: int
    batches: tuple[int, ...]
    steps: tuple[int, int]
    host_steps: tuple[int, int] | None  # None: too slow on one core

    def config(self, job: int, steps: int) -> SimulationConfig:
        """Return one run of a batch."""
        return SimulationConfig(
            dimensions=self.dimensions, N_grid=self.n, box_length=0.5 * self.n, T_steps=steps,
            step_control="fixed", n_frames=1, n_snapshots=1, global_seed=job,
            sncgl_params=SncglParams(kappa=0.1 + 0.01 * job),
        )  # fmt: skip


WHOLE = (
    Case(3, 192, (1,), (5, 25), None),
    Case(2, 256, (1, 16, 64), (20, 120), (10, 50)),
    Case(3, 64, (1, 16, 64), (5, 25), (2, 10)),
)
SMALL = (
    Case(2, 16, (1, 2), (2, 10), (2, 10)),
    Case(3, 16, (1,), (2, 6), (2, 6)),
)


def seconds_a_step(run: Callable[[int], Any], steps: tuple[int, int]) -> float:
    """Return the seconds of one of the steps that a long run has more than a short one."""
    short, long = steps
    run(short)  # compiles
    best = {count: min(_timed(run, count) for _ in range(ROUNDS)) for count in steps}
    return (best[long] - best[short]) / (long - short)


def _timed(run: Callable[[int], Any], steps: int) -> float:
    start = time.perf_counter()
    run(steps)
    return time.perf_counter() - start


def transforms(case: Case, batch: int) -> Callable[[int], Any]:
    """Return a call that does so many steps' worth of bare full transforms."""
    axes = tuple(range(1, case.dimensions + 1))
    values = np.random.default_rng(0).normal(size=(batch, *[case.n] * case.dimensions))
    real = jnp.asarray(values, jnp.float32)
    there_and_back = [STAGES * count // 2 for count in TRANSFORMS[case.dimensions]]

    @jax.jit
    def run(z: jax.Array, x: jax.Array, steps: jax.Array) -> Any:
        def one(_: Any, fields: Any) -> Any:
            z, x = fields
            for _ in range(there_and_back[0]):
                z = jnp.fft.ifftn(jnp.fft.fftn(z, axes=axes), axes=axes)
            for _ in range(there_and_back[1]):
                x = jnp.fft.irfftn(jnp.fft.rfftn(x, axes=axes), s=x.shape[1:], axes=axes)
            return z, x

        return lax.fori_loop(0, steps, one, (z, x))

    start = real.astype(jnp.complex64)
    return lambda steps: jax.block_until_ready(run(start, real, jnp.asarray(steps, jnp.int32)))


def measure(case: Case, batch: int, host_step: float | None, alone: SimulationResult | None) -> Any:
    """Report one case; return the first run of the batch."""
    began = time.perf_counter()

    def run(steps: int) -> list[SimulationResult]:
        configs = [case.config(job, steps) for job in range(batch)]
        return simulate_batch(configs, side_by_side=True)

    step = seconds_a_step(run, case.steps)
    bare = seconds_a_step(transforms(case, batch), case.steps)
    first = run(case.steps[1])[0]
    jobs = batch / (JOB_STEPS * step)
    report(
        "gpu", device=jax.devices()[0].device_kind, platform=jax.default_backend(),
        d=case.dimensions, N=case.n, batch=batch, step_ms=1e3 * step, transforms_ms=1e3 * bare,
        transforms_share=bare / step, jobs_per_s=jobs,
        host_core_step_ms=host_step and 1e3 * host_step,
        jobs_over_one_core=host_step and jobs * JOB_STEPS * host_step,
        **_compared(first, alone), peak_mib=peak_mib(), case_s=time.perf_counter() - began,
    )  # fmt: skip
    return first


def _compared(first: SimulationResult, alone: SimulationResult | None) -> dict[str, Any]:
    if alone is None:
        return {"lane_bits_equal": None, "lane_difference": None}
    difference = np.abs(first.psi - alone.psi).max() / np.abs(alone.psi).max()
    equal = np.array_equal(first.psi, alone.psi) and np.array_equal(first.u, alone.u)
    return {"lane_bits_equal": equal, "lane_difference": float(difference)}


def peak_mib() -> float:
    """Return the most memory in use so far."""
    used = jax.devices()[0].memory_stats() or {}
    if "peak_bytes_in_use" in used:
        return float(used["peak_bytes_in_use"]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def on_this_core(case: Case) -> float | None:
    """Return the seconds of a step of one run; None for a case too slow for a core."""
    if case.host_steps is None:
        return None
    return seconds_a_step(lambda steps: simulate(case.config(0, steps)), case.host_steps)


def asked_of_the_host(case: Case, core: int) -> subprocess.Popen[str]:
    """Have a process without the device measure that on a core of its own, and print it."""
    command = [sys.executable, __file__, "--host", *map(str, (case.dimensions, case.n, core))]
    environment = os.environ | {"JAX_PLATFORMS": "cpu"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def answer(host: subprocess.Popen[str]) -> float | None:
    """Return what the host printed. Raises CalledProcessError."""
    printed, _ = host.communicate()
    if host.returncode:
        raise subprocess.CalledProcessError(host.returncode, host.args)
    return json.loads(printed.splitlines()[-1])


def main() -> None:
    """Measure and print."""
    began = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="grids that a test can afford")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="begin no case after it")
    parser.add_argument("--grid", nargs=2, type=int, metavar=("D", "N"), help="this one alone")
    parser.add_argument("--host", nargs=3, type=int, metavar=("D", "N", "CORE"), help="internal")
    given = parser.parse_args()
    if given.host:
        (case,) = (c for c in WHOLE + SMALL if [c.dimensions, c.n] == given.host[:2])
        print(json.dumps(on_this_core(case)))
        return
    cases = SMALL if given.small else WHOLE
    if given.grid:
        cases = tuple(c for c in cases if [c.dimensions, c.n] == given.grid)
    hosts = [asked_of_the_host(case, core) for core, case in enumerate(cases)]
    for case, host_step in zip(cases, [answer(host) for host in hosts], strict=True):
        alone = None
        for batch in case.batches:
            if time.monotonic() - began > given.limit:
                left_out = "the limit was reached"
                report("gpu", d=case.dimensions, N=case.n, batch=batch, left_out=left_out)
                continue
            first = measure(case, batch, host_step, alone)
            alone = first if alone is None else alone


if __name__ == "__main__":
    main()
