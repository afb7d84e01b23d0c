#!/bin/sh
# jax and jaxlib 0.10.2 on a CPU, Python 3.11.
#
# Expected: w = exp(-2 u) is computed once, and m / w is a division by what is already there.
# What happens: XLA turns the division by an exponential into a product with exp(2 u), although
#   exp(-2 u) is at hand and is used beside it: the compiled program has two exponentials and no
#   division. An exponential costs several divisions; in a fused loop over the parts of a complex
#   array it is not vectorised either. lax.optimization_barrier around w keeps the division.
# Output seen:
#   as written: 2 exponentials, 0 divisions
#   with a barrier: 1 exponentials, 1 divisions
# In this program: `kept` in irer/spectral/etdrk.py, used for w = Omega^-2 in irer/physics/sncgl.py;
#   a step of the coupled equations at N = 256 takes 2% less (benchmarks/solver_step.py).
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2
cat > "$place/seen.py" <<'PYTHON'
import jax
import jax.numpy as jnp
from jax import lax


def as_written(u, rho):
    w = jnp.exp(-2 * u)
    return w * rho - 3 / w


def with_a_barrier(u, rho):
    w = lax.optimization_barrier(jnp.exp(-2 * u))
    return w * rho - 3 / w


field = jnp.ones((64, 64), jnp.float32)
for function in (as_written, with_a_barrier):
    program = jax.jit(function).lower(field, field).compile().as_text()
    found = [program.count(f" {name}(") for name in ("exponential", "divide")]
    print(f"{function.__name__.replace('_', ' ')}: {found[0]} exponentials, {found[1]} divisions")
PYTHON
JAX_PLATFORMS=cpu "$place/venv/bin/python" "$place/seen.py" > "$place/output"
cat "$place/output"
cat > "$place/expected" <<'OUTPUT'
as written: 2 exponentials, 0 divisions
with a barrier: 1 exponentials, 1 divisions
OUTPUT
diff "$place/expected" "$place/output"
