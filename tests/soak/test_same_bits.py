"""Every way of running a job, in shells of 1, 2 and all threads, over sizes and precisions."""

import os
from itertools import product
from pathlib import Path

import pytest

from irer.runners.cluster import DaskRunner
from irer.runners.runner import Runner
from settings import Settings
from tests.cluster_processes import cluster, wait_for
from tests.same_bits import RUNNERS, SHELLS, Left, by_command, by_python, by_runner, shell

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

GRIDS = [(2, 192), (2, 256), (2, 512), (3, 64)]
CASES = list(product(GRIDS, ["float32", "float64"], ["sncgl_sdg", "sncgl_flat"]))
NAMES = [f"{d}-D-{n}-{precision}-{model}" for (d, n), precision, model in CASES]


@pytest.mark.parametrize(("grid", "precision", "model"), CASES, ids=NAMES)
def test_identical_fields_diagnostics_and_metrics(
    grid: tuple[int, int],
    precision: str,
    model: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dimensions, n = grid
    simulation = {
        "dimensions": dimensions, "N_grid": n, "box_length": n / 2, "precision": precision,
        "T_steps": 8, "n_frames": 2, "n_snapshots": 2,
    }  # fmt: skip
    found: dict[tuple[str, str], Left] = {}
    for threads in SHELLS:
        with monkeypatch.context() as patch:
            _only(patch, shell(threads, XDG_CACHE_HOME=str(tmp_path / "cache")))
            for name, make in RUNNERS.items():
                place = tmp_path / f"{name}-{threads}"
                found[name, threads] = by_runner(make, place, simulation, model)
            place = tmp_path / f"dask-{threads}"
            found["dask", threads] = _by_dask(place, simulation, model)
        # These compile anew: what is kept must not differ from it.
        for name, way in (("command", by_command), ("python", by_python)):
            place = tmp_path / f"{name}-{threads}"
            found[name, threads] = way(place, simulation, model, shell(threads))
    first = found["pool", "1"]
    for way, left in found.items():
        assert left == {name: first[name] for name in left}, way
        assert (left.keys() == first.keys()) == (way[0] != "python")


def _only(patch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        patch.delenv(name)
    for name, value in environment.items():
        patch.setenv(name, value)


def _by_dask(place: Path, simulation: dict[str, object], model: str) -> Left:
    with cluster(place / "cluster", workers=1) as made:
        wait_for("a worker", lambda: made.log().count("Registered to:") >= 1)

        def make(settings: Settings) -> Runner:
            return DaskRunner(settings.model_copy(update={"dask_scheduler": made.address}))

        return by_runner(make, place / "home", simulation, model)
