"""A coupled step of fixed size on this checkout and on another, processor seconds of one core.

2-D at N = 256 and 3-D at N = 64, float32, from developed fields. One warm process for each
checkout; the two take turns, round by round, on one core. One JSON line a case, medians.
usage: python benchmarks/solver_step.py --against OTHER [--rounds 9]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PJRT_NPROC": "1"}
CASES = {2: (256, 40, 0.95), 3: (64, 8, 0.75)}  # N, steps of a round, goal by dimension


def serve() -> None:
    """Take the steps of the case that each line of standard input names, timed."""
    sys.path[0] = str(Path.cwd())
    import time

    import jax
    import jax.numpy as jnp

    from irer.physics import SimulationConfig
    from irer.physics.program import prepare

    ready: dict[int, Any] = {}
    for line in sys.stdin:
        d = int(line)
        N, count, _ = CASES[d]
        steps = jnp.asarray(count, jnp.int32)
        if d not in ready:
            run = prepare(
                SimulationConfig(
                    dimensions=d, N_grid=N, box_length=0.5 * N, step_control="fixed"
                )
            )  # fmt: skip
            developed = run.program.advance(run.state, run.operators, jnp.asarray(30, jnp.int32))
            ready[d] = run.program, jax.block_until_ready(developed), run.operators
        program, state, operators = ready[d]
        began = time.process_time()
        jax.block_until_ready(program.advance(state, operators, steps))
        print(f"ANSWER {(time.process_time() - began) / count}", flush=True)


class Side:
    """A warm process of one checkout."""

    def __init__(self, checkout: Path) -> None:
        command = [sys.executable, str(HERE / "solver_step.py"), "--serve"]
        if hasattr(os, "sched_setaffinity"):
            command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
        environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(checkout)}
        self.process = subprocess.Popen(
            command, cwd=checkout, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def seconds(self, d: int) -> float:
        """Return the processor seconds of a step."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{d}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("ANSWER "):
                return float(line.removeprefix("ANSWER "))
        raise SystemExit(f"the process of {self.process.args!r} ended")

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A fixed coupled step on two checkouts.")
    parser.add_argument("--against", type=Path, help="the other checkout")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    if given.against is None:
        print(json.dumps({"benchmark": "coupled step", "skipped": "no --against PATH"}))
        return
    sides = [Side(HERE.parent), Side(given.against.resolve())]
    for d, (N, count, goal) in CASES.items():
        for side in sides:
            side.seconds(d)
        rounds = [[side.seconds(d) for side in sides] for _ in range(given.rounds)]
        here, other = (statistics.median(times) for times in zip(*rounds, strict=True))
        ratios = [a / b for a, b in rounds]
        print(
            json.dumps({
                "benchmark": "coupled step", "d": d, "N": N, "steps": count,
                "rounds": given.rounds, "step_ms": round(1e3 * here, 2),
                "step_ms_other": round(1e3 * other, 2), "ratio": round(here / other, 3),
                "median_ratio": round(statistics.median(ratios), 3), "goal": goal,
            }),
            flush=True,
        )  # fmt: skip
    for side in sides:
        side.close()


if __name__ == "__main__":
    main()
