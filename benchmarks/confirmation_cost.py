"""What a run of each group of a confirmation costs, against the estimate; and its H-norm.

CPU seconds of a default run and its validation, compiled before, as a multiple of the base's,
and the H-norm, with both geometries.
usage: python benchmarks/confirmation_cost.py [--steps 200] [--rounds 2]
"""

import argparse
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import pin_to_one_core, report

pin_to_one_core()

import settings
import validation_pipeline
import worker_sncgl_sdg
from irer.base.files import write_json
from irer.base.goals import GROUPS
from irer.base.records import JobConfig, Metrics, SimulationOptions, SncglParams
from irer.controls.cost import relative_cost
from irer.controls.groups import refined


def measured(
    home: settings.Settings, options: SimulationOptions, seed: int
) -> tuple[float, Metrics]:
    """Return the CPU seconds of a run, and what it measured."""
    job = JobConfig(
        job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
        global_seed=seed, model="sncgl_sdg", simulation=options, sncgl_params=SncglParams(),
    )  # fmt: skip
    write_json(home.home.config_file(job.job_uuid), job.model_dump(mode="json"))
    start = time.process_time()
    worker_sncgl_sdg.run(job, home)
    record = validation_pipeline.validate_job(job.job_uuid, None, home)
    seconds = time.process_time() - start
    home.home.artifact_file(job.job_uuid).unlink()
    if record.metrics is None:
        raise RuntimeError(f"the run failed: {record.error}")
    return seconds, record.metrics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=SimulationOptions().T_steps)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    for geometry in ("coevolve", "constraint"):
        base = SimulationOptions(geometry=geometry, T_steps=arguments.steps)
        with tempfile.TemporaryDirectory() as folder:
            home = settings.load(home=Path(folder))
            options = {name: refined(base, name) for name in GROUPS}
            for each in options.values():
                measured(home, each, 0)  # compiles
            runs = {
                name: [measured(home, each, seed) for seed in range(1, arguments.rounds + 1)]
                for name, each in options.items()
            }
        cost = {name: min(seconds for seconds, _ in found) for name, found in runs.items()}
        report(
            "cost of a confirmation's groups", geometry=geometry, T_steps=arguments.steps,
            base_s=cost["own_settings"],
            **{f"{name}_times": cost[name] / cost["own_settings"] for name in GROUPS},
            **{f"{name}_estimate": relative_cost(options[name], base) for name in GROUPS},
            **{f"{name}_h_norm": [m.sdg_h_norm_l2 for _, m in runs[name]] for name in GROUPS},
        )  # fmt: skip


if __name__ == "__main__":
    main()
