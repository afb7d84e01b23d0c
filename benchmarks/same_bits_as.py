"""Whether the solver's bits are those of another checkout of it.

Every equation in 2-D and 3-D, in single and double precision, with fixed and with controlled
steps, alone and side by side, and the gradients: 50 steps of each in both checkouts, each in a
Python of its own. A case is the same when the final fields, the snapshots and the diagnostics
are, to the last bit. One JSON line a case; exit 1 when one differs.
usage: python benchmarks/same_bits_as.py [--against FOLDER_OR_REVISION] [--only WORDS]
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.timing import WarmProcess

STEPS = 50
GRIDS = {2: {"N_grid": 64, "box_length": 40.0}, 3: {"N_grid": 32, "box_length": 16.0}}
EQUATIONS = {
    "flat": {"model": "sncgl_flat"},
    "flat, local": {"model": "sncgl_flat", "sncgl_params": {"g_nonlocal": 0.0}},
    "coevolve": {"model": "sncgl_sdg"},
    "constraint": {"model": "sncgl_sdg", "geometry": "constraint"},
    "fmia": {"model": "fmia"},
}
WAYS = ("fixed", "controlled", "side by side", "gradient")
PARAMS = {"source_amplitude": 0.05, "source_k": 0.8, "source_width": 0.3, "kappa": 0.4}
ONE_THREAD = {"PJRT_NPROC": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def cases() -> dict[str, tuple[str, dict]]:
    """Return each case by name: how it is run, and its config."""
    found = {}
    for (name, equation), d, precision, way in itertools.product(
        EQUATIONS.items(), GRIDS, ("float32", "float64"), WAYS
    ):
        if way == "gradient" and name in ("constraint", "fmia"):  # they have none
            continue
        config = GRIDS[d] | equation | {
            "dimensions": d, "precision": precision, "dt": 0.05, "T_steps": STEPS, "n_frames": 5,
            "n_snapshots": 2, "initial_amplitude": 0.3, "global_seed": 7,
            "step_control": "fixed" if way == "gradient" else "controlled",
            "sncgl_params": PARAMS | equation.get("sncgl_params", {}),
        }  # fmt: skip
        if way == "fixed":
            config["step_control"] = "fixed"
        found[f"{name}, {d}-D, {precision}, {way}"] = (way, config)
    return found


# The `WarmProcess` of a checkout, which may be older than this script: it answers with digests.
_CHILD = """
import hashlib, json, sys, time
import jax
import numpy as np
from irer.physics import SimulationConfig, simulate, simulate_batch
from irer.physics.gradient import final_state

def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]

def left(result):
    arrays = {"psi": result.psi, "u": result.u, "t": np.asarray(result.t)}
    arrays |= {"outcome": np.asarray(int(result.outcome))}
    arrays |= {"momentum": result.momentum} if result.momentum is not None else {}
    arrays |= {f"snapshots/{name}": values for name, values in result.snapshots.items()}
    arrays |= {f"diagnostics/{name}": values for name, values in result.diagnostics.items()}
    return {name: digest(values) for name, values in arrays.items()}

def gradient(config):
    params = {"epsilon": 1.0, "c3": -0.8, "kappa": 0.4, "source_amplitude": 0.05, "source_k": 0.8}
    shape = (config.N_grid,) * config.dimensions
    parts = np.random.default_rng(3).standard_normal((2, *shape))
    psi0 = (0.3 * (parts[0] + 1j * parts[1])).astype(
        "complex64" if config.precision == "float32" else "complex128"
    )

    def size(params, psi0):
        psi, u = final_state(params, psi0, config)
        return (psi.real**4 + psi.imag**2).sum() + (abs(u) ** 2).sum()

    value, slopes = jax.jit(jax.value_and_grad(size, argnums=(0, 1)))(params, psi0)
    found = {"value": value, "psi0": slopes[1]} | {f"params/{k}": v for k, v in slopes[0].items()}
    return {name: digest(np.asarray(values)) for name, values in found.items()}

for line in sys.stdin:
    way, fields = json.loads(line)
    config = SimulationConfig.model_validate(fields)
    began = time.process_time()
    with jax.enable_x64(config.precision == "float64"):
        if way == "side by side":
            others = [config, config.model_copy(update={"global_seed": 8, "dt": 0.04})]
            found = {
                f"{job}/{key}": value
                for job, result in enumerate(simulate_batch(others, side_by_side=True))
                for key, value in left(result).items()
            }
        else:
            found = gradient(config) if way == "gradient" else left(simulate(config))
    print("ANSWER " + json.dumps([found, time.process_time() - began]), flush=True)
"""


@contextmanager
def checkout_of(against: str) -> Iterator[Path]:
    """Give the folder of a checkout, or that of a revision while it is compared."""
    if Path(against).is_dir():
        yield Path(against).resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", against, "irer", "settings.py"],
            cwd=ROOT, check=True, capture_output=True,
        ).stdout  # fmt: skip
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        yield Path(folder)


def main() -> int:
    """Compare all cases, or those whose names hold every word that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", default="HEAD", help="a folder or a revision (default HEAD)")
    parser.add_argument("--only", default="", help="words that a case's name must hold")
    options = parser.parse_args()
    words = options.only.split()
    wanted = {name: case for name, case in cases().items() if all(w in name for w in words)}
    differing = 0
    with checkout_of(options.against) as other:
        solver, reference = (WarmProcess(folder, ["-c", _CHILD]) for folder in (ROOT, other))
        for name, case in wanted.items():
            (here, here_s), (there, there_s) = solver.ask(case), reference.ask(case)
            differs = sorted(k for k in here.keys() | there.keys() if here.get(k) != there.get(k))
            differing += bool(differs)
            print(
                json.dumps(
                    {"benchmark": "same bits", "case": name, "same": not differs}
                    | ({"differs": differs} if differs else {})
                    | {"arrays": len(here), "cpu_s": [round(here_s, 2), round(there_s, 2)]}
                ),
                flush=True,
            )
    print(json.dumps({"benchmark": "same bits", "cases": len(wanted), "differing": differing}))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
