"""A coupled step of fixed size on this checkout and on another, processor seconds of one core.

2-D at N = 256 and 3-D at N = 64, float32, from developed fields. One warm process for each
checkout; the two take turns, round by round, on one core. One JSON line a case, medians.
usage: python benchmarks/solver_step.py --against OTHER [--rounds 9]
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.timing import WarmProcess, answer_questions

CASES = {2: (256, 40, 0.95), 3: (64, 8, 0.75)}  # N, steps of a round, goal by dimension


def serve() -> None:
    """Say the processor seconds of a step of each case that is asked for, in the working folder."""
    sys.path[0] = str(Path.cwd())
    import jax
    import jax.numpy as jnp

    from irer.physics import SimulationConfig
    from irer.physics.program import prepare

    ready: dict[int, Any] = {}

    def seconds(d: int) -> float:
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
        return (time.process_time() - began) / count

    answer_questions(seconds)


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
    command = [str(HERE / "solver_step.py"), "--serve"]
    sides = [WarmProcess(folder, command) for folder in (HERE.parent, given.against.resolve())]
    for d, (N, count, goal) in CASES.items():
        for side in sides:
            side.ask(d)
        rounds = [[side.ask(d) for side in sides] for _ in range(given.rounds)]
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
