"""A home whose runs are made up: every state of a panel that a real hunt comes to only by chance.

Its current hunt has measured runs without a score; hunts before it failed whole, were long,
were measured by an earlier version, or are too short to say what matters.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import settings
from irer.base.checking import check
from irer.base.files import read_json
from irer.base.records import JobConfig, Outcome, Provenance, SimulationOptions, SncglParams
from irer.controls.files import confirmation_settings
from irer.controls.records import ConfirmationReport
from irer.controls.report import write_page
from irer.home.artifacts import Artifact, read_artifact, write_artifact
from irer.home.provenance import read_provenance
from irer.home.registry import keep_plan, save_plan
from settings import Settings
from tests.fake_engine import commit, leave_report, make_plan, make_record

LONG = 1890  # runs of the long hunt
SPACE = {"kappa": (0.1, 1.0), "c1": (-2.0, 3.0), "epsilon": (0.1, 1.5)}
OPTIONS = SimulationOptions(N_grid=64, box_length=50.0, T_steps=300, n_snapshots=3)
DIAGNOSTICS = (  # as the solver names them
    "psi_max",
    "density_mean",
    "rho_info_mean",
    "u_mean",
    "u_min",
    "u_max",
    "sdg_h_norm_l2",
    "tail_ratio",
    "step_level",
    "substeps",
    "step_error",
)


@dataclass(frozen=True)
class MadeUp:
    """The hunts of the home, and runs of them, by what is special about each."""

    unscored: str
    failed: str
    long: str
    earlier: str
    few: str
    lost_at_once: str  # a run that failed before its first frame
    lost_late: str  # a run that failed in mid-course
    whole: str  # a run with fields, confirmed


def make(home: Path) -> MadeUp:
    """Fill a home."""
    paths = settings.load(home=home)
    rng = np.random.default_rng(5)
    hunts = {name: str(uuid.uuid4()) for name in ("earlier", "long", "few", "failed", "unscored")}
    runs = {name: [] for name in hunts}  # type: dict[str, list[Provenance]]
    for generation, (name, count) in enumerate(
        (("earlier", 3), ("long", LONG), ("few", 4), ("failed", 18), ("unscored", 18)), start=1
    ):
        for index in range(count):
            runs[name].append(_run(name, hunts[name], generation, index, rng))
            commit(paths, runs[name][-1])
    _keep_plans(paths, hunts, runs)
    lost, late, whole = runs["failed"][0], runs["failed"][1], runs["few"][0]
    write_artifact(paths.home.artifact_file(lost.job_uuid), _artifact(lost, frames=1, t=0.0))
    write_artifact(paths.home.artifact_file(late.job_uuid), _artifact(late, frames=40, t=8.0))
    write_artifact(paths.home.artifact_file(whole.job_uuid), _artifact(whole, frames=300, t=30.0))
    leave_report(paths, whole.job_uuid)
    return MadeUp(
        **hunts, lost_at_once=lost.job_uuid, lost_late=late.job_uuid, whole=whole.job_uuid
    )


def leave_page(paths: Settings, job_uuid: str) -> None:
    """Write the page of the run's report, with the run's own fields for all its replicates."""
    record = read_provenance(paths.home.provenance_file(job_uuid))
    own = confirmation_settings(paths, job_uuid)
    artifact = read_artifact(paths.home.artifact_file(job_uuid), job_uuid)
    confirmation: Any = SimpleNamespace(
        record=record, home=own.home, discovery=lambda: artifact, artifact=lambda _: artifact
    )
    write_page(confirmation, check(ConfirmationReport, read_json(own.home.confirmation_file)))


def _run(
    name: str, hunt_id: str, generation: int, index: int, rng: np.random.Generator
) -> Provenance:
    """Return the record of one run, as its hunt wants it."""
    sse, h_norm = float(rng.uniform(0.3, 2)), float(10 ** rng.uniform(-4, -1))
    reason = ("NONFINITE", "NONFINITE", "STEP_FAILURE")[index % 3] if name == "failed" else None
    record = make_record(
        hunt_id=hunt_id, generation=generation, index=index, sse=sse, h_norm=h_norm, failed=reason
    )
    params = SncglParams(**{key: float(rng.uniform(*ends)) for key, ends in SPACE.items()})
    changes = {"sncgl_params": params, "simulation": OPTIONS}
    if record.metrics is not None:
        measured = {"bssn_h_norm_l2": h_norm * float(rng.uniform(0.5, 2))}
        changes["metrics"] = record.metrics.model_copy(update=measured | _flaws(name, index))
    return record.model_copy(update=changes)


def _flaws(name: str, index: int) -> dict[str, object]:
    if name == "earlier":
        return {"measure_version": 1}
    if name != "unscored":
        return {}
    if index < 12:
        return {"settled": False, "transient": "its mean density still rose by 3%"}
    return {"floor_limited": True}


def _keep_plans(
    paths: Settings, hunts: dict[str, str], runs: dict[str, Sequence[Provenance]]
) -> None:
    """Leave each hunt's plan; the last is the current one."""
    for generation, (name, hunt_id) in enumerate(hunts.items(), start=1):
        plan = make_plan(
            hunt_id=hunt_id, num_generations=1, population_size=len(runs[name]),
            first_generation=generation, generation=generation, state="Completed",
            search_space=SPACE, simulation=OPTIONS,
        )  # fmt: skip
        keep_plan(paths.home, plan)
    save_plan(paths.home, plan)


def _artifact(record: Provenance, *, frames: int, t: float) -> Artifact:
    """Return fields that no solver made, as far as the run is to have come."""
    rng, n = np.random.default_rng(0), record.simulation.N_grid
    snapshots = 3 if record.metrics else 0
    times = np.linspace(0, t, frames)
    return Artifact(
        job=JobConfig(**{name: getattr(record, name) for name in JobConfig.model_fields}),
        outcome=Outcome.OK if record.metrics else Outcome.NONFINITE,
        last_good_time=t,
        psi=(rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))).astype(np.complex64),
        u=0.1 * rng.normal(size=(n, n)),
        snapshot_t=np.linspace(0.8 * t, t, snapshots),
        snapshot_rho=rng.gamma(2.0, size=(snapshots, n, n)),
        diagnostics={"t": times}
        | {name: 0.3**k * (1 + 0.1 * np.sin(times)) for k, name in enumerate(DIAGNOSTICS)},
    )
