"""A run has the same bits however it is run; the whole table is under tests/soak.

At this size the number of threads shows: with two, a step adds parts of its sums in another
order.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.same_bits import RUNNERS, by_command, by_python, by_runner, shell

SIMULATION = {"N_grid": 192, "box_length": 96.0, "T_steps": 4, "n_frames": 2, "n_snapshots": 1}
MODEL = "sncgl_flat"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the programs are kept, so that all ways together compile them once."""
    return {"JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled"))}


def test_every_way_of_running_a_job(
    compiled: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = by_python(tmp_path / "python", SIMULATION, MODEL, shell("1", **compiled))
    two = shell("2", **compiled)
    found = {"python": by_python(tmp_path / "again", SIMULATION, MODEL, two)}
    found["command"] = by_command(tmp_path / "command", SIMULATION, MODEL, two)
    with monkeypatch.context() as patch:
        for name, value in two.items():
            patch.setenv(name, value)
        for name, make in RUNNERS.items():
            found[name] = by_runner(make, tmp_path / name, SIMULATION, MODEL)
    metrics = found["command"]["metrics"]
    assert found == {
        "python": first,
        **dict.fromkeys(["command", *RUNNERS], first | {"metrics": metrics}),
    }


on_linux = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="threads have names on Linux"
)
LATE = """
import json, sys, uuid, warnings
import jax
jax.numpy.zeros(3).block_until_ready()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import irer.physics
    from irer.physics import simulate
    from validation_pipeline import validate_job
    from worker_sncgl_sdg import run
from tests.hunts import home
from tests.same_bits import registered
settings = home(sys.argv[1])
job = registered(settings, {"N_grid": 16, "T_steps": 4}, "sncgl_flat")
run(job, settings)
record = validate_job(job.job_uuid, None, settings)
said = [str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)]
print(json.dumps([said, record.versions["threads"], record.reproducible]))
"""


def late(tmp_path: Path, compiled: dict[str, str], threads: str) -> list[object]:
    """Import the solver where JAX has computed with so many threads; return what it said."""
    environment = shell("all", PYTHONPATH=str(ROOT), PJRT_NPROC=threads) | compiled
    command = [sys.executable, "-c", LATE, str(tmp_path)]
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: list[object] = json.loads(answer.stdout.splitlines()[-1])
    return found


@on_linux
def test_where_jax_has_computed_before_it_is_said_once_and_in_the_record(
    compiled: dict[str, str], tmp_path: Path
) -> None:
    said, threads, reproducible = late(tmp_path, compiled, "3")
    assert isinstance(said, list)
    assert len(said) == 1
    assert "XLA uses 3 threads" in said[0]
    assert (threads, reproducible) == ("3", False)


@on_linux
def test_one_thread_is_enough_whoever_asked_for_it(
    compiled: dict[str, str], tmp_path: Path
) -> None:
    assert late(tmp_path, compiled, "1") == [[], "1", True]
