"""A coupled step against the transforms that it cannot do without.

The denominator are full transforms, unpruned, in the fixed counts a right-hand side needs when
real fields are transformed as such: 4 complex + 3 real in 2-D, 4 + 8 in 3-D, times four.
usage: python benchmarks/solver_transforms.py [--sizes]   (--sizes: all N of 2-D and 3-D)
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import alternate, pin_to_one_core, report

pin_to_one_core()

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from irer.physics import SimulationConfig
from irer.physics.program import prepare

COUNTS = {2: (4, 3), 3: (4, 8)}  # complex, real transforms of one right-hand side
STEPS = {2: 20, 3: 10}


def step_time(d: int, N: int):
    """Return a call that advances a coupled run by some steps."""
    config = SimulationConfig(dimensions=d, N_grid=N, box_length=0.5 * N)
    run = prepare(config)
    steps = jnp.asarray(STEPS[d], jnp.int32)
    return lambda: jax.block_until_ready(run.program.advance(run.state, run.operators, steps))


def transform_time(d: int, N: int):
    """Return a call that does as many steps' worth of bare full transforms."""
    rng = np.random.default_rng(0)
    real = jnp.asarray(rng.normal(size=(N,) * d), jnp.float32)
    complex_pairs, real_pairs = (2 * count for count in COUNTS[d])  # 4 evaluations, 2 a pair

    def one(_, fields):
        z, x = fields
        for _ in range(complex_pairs):
            z = jnp.fft.ifftn(jnp.fft.fftn(z))
        for _ in range(real_pairs):
            x = jnp.fft.irfftn(jnp.fft.rfftn(x), s=x.shape)
        return z, x

    run = jax.jit(lambda z, x: lax.fori_loop(0, STEPS[d], one, (z, x)))
    start = real.astype(jnp.complex64)
    return lambda: jax.block_until_ready(run(start, real))


def main() -> None:
    sizes = [(2, 256), (3, 64)]
    if "--sizes" in sys.argv:
        sizes = [(2, n) for n in (64, 128, 256, 512, 1024)] + [(3, n) for n in (32, 48, 64, 96)]
    for d, N in sizes:
        found = alternate({"step": step_time(d, N), "transforms": transform_time(d, N)})
        report(
            "coupled step / full transforms", d=d, N=N,
            step_ms=1e3 * found["step"] / STEPS[d],
            transforms_ms=1e3 * found["transforms"] / STEPS[d],
            ratio=found["step"] / found["transforms"],
        )  # fmt: skip


if __name__ == "__main__":
    main()
