"""An extension of each kind from a package elsewhere, run for real; broken ones harm no hub."""

import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import core_engine
import validation_pipeline
from irer.base.errors import ContractError, ExtensionError
from irer.base.files import read_json
from irer.base.records import Provenance, RunState, SimulationConfig
from irer.components import find, make_call
from irer.components import run as run_component
from irer.home.artifacts import write_artifact
from irer.home.ledger import read_rows
from irer.home.provenance import read_provenance
from irer.home.registry import register
from irer.runners.runner import Runner
from settings import Settings
from tests.canned import CannedRunner
from tests.contract.test_validation_pipeline import random_artifact
from tests.hunts import home, order, run_canned
from tests.packages import Packages
from tests.unit.test_manifest import manifest

CORNERS = """
def ask(n, history, space, seed):
    known = [row.params.kappa for row in history]
    yield {name: low for name, (low, high) in space.items()}
    for step in range(100):
        yield {name: high - (seed + step + len(known)) % 97 / 97 * (high - low)
               for name, (low, high) in space.items()}
"""
MEAN = """
def measure(artifact):
    return float(artifact.snapshot_rho.mean())
"""
ONE = """
from irer.runners.subprocess_runner import SubprocessRunner

class One(SubprocessRunner):
    def __init__(self, settings):
        super().__init__(settings.model_copy(update={"workers": 1}))
        (settings.home.folder / "one.txt").write_text("made")
"""
SMALL = {"N_grid": 16, "T_steps": 10, "box_length": 20.0}


def records(settings: Settings) -> list[Provenance]:
    return [read_provenance(path) for path in settings.home.provenance_files()]


def test_a_sampler_proposes_the_jobs_of_a_hunt(packages: Packages, tmp_path: Path) -> None:
    packages.one("irer.samplers", "corners", "corners:ask", CORNERS)
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(sampler="corners", num_generations=2), settings)
    run_canned(settings, plan)
    assert read_json(settings.home.hunt_file)["sampler"] == "corners"
    rows = list(read_rows(settings.home.ledger_file))
    assert len(rows) == 8
    lows = {name: low for name, (low, _) in plan.search_space.items()}
    assert {name: getattr(rows[0].params, name) for name in lows} == lows


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def ask(n, history, space, seed):\n    yield {'kappa': 0.5}\n", "KeyError: 'epsilon'"),
        ("def ask(n, history, space, seed):\n    return [1 / 0]\n", "ZeroDivisionError"),
        ("def ask(n, history, space, seed):\n    return [3]\n", "TypeError"),
    ],
)
def test_a_sampler_that_fails_ends_its_hunt_with_one_line(
    text: str, why: str, packages: Packages, tmp_path: Path
) -> None:
    packages.one("irer.samplers", "bad", "bad:ask", text)
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(sampler="bad"), settings)
    named = rf"^the sampler 'bad' \(irer.samplers, package elsewhere 1.0\) failed: {why}"
    with pytest.raises(ExtensionError, match=named):
        run_canned(settings, plan)
    assert read_json(settings.home.hunt_file)["state"] == "Error"


@pytest.mark.parametrize("runner", ["pool", "one"])
def test_metric_and_runner_reach_the_processes_of_a_job(
    runner: str, packages: Packages, tmp_path: Path
) -> None:
    """The packages lie on the path of this process alone, and no variable names them."""
    packages.one("irer.metrics", "mean_density", "density:measure", MEAN, "density")
    packages.one("irer.runners", "one", "one_at_a_time:One", ONE, "one")
    settings = home(tmp_path, workers=1)
    asked = order(runner=runner, num_generations=1, population_size=1, simulation=SMALL)
    core_engine.execute_hunt(order=asked, settings=settings)
    assert (tmp_path / "one.txt").exists() == (runner == "one")
    (record,) = records(settings)
    assert record.state is RunState.COMPLETE
    assert record.extra_metrics.keys() == {"mean_density"}
    assert (record.extra_metrics["mean_density"] or 0) > 0
    (row,) = read_rows(settings.home.ledger_file)
    assert row.extra_metrics == record.extra_metrics


def test_what_is_no_runner_ends_the_hunt_with_one_line(packages: Packages, tmp_path: Path) -> None:
    packages.one("irer.runners", "none", "no_runner:make", "def make(settings): return 3\n")
    plan = core_engine.plan_hunt(order(runner="none"), home(tmp_path))
    line = r"^the runner 'none' \(irer.runners, package elsewhere 1.0\) must make a Runner, got 3$"
    with pytest.raises(ExtensionError, match=line):
        core_engine.execute_hunt(plan=plan, settings=home(tmp_path))


def test_every_runner_of_the_tests_is_one(tmp_path: Path) -> None:
    assert isinstance(CannedRunner(home(tmp_path)), Runner)


def judged(settings: Settings) -> Provenance:
    """Validate an artifact of a new job in this process."""
    artifact = random_artifact()
    register(settings.home, [artifact.job])
    write_artifact(settings.home.artifact_file(artifact.job.job_uuid), artifact)
    return validation_pipeline.validate_job(artifact.job.job_uuid, None, settings)


Metric = Callable[[str], None]


@pytest.fixture
def metric(packages: Packages) -> Metric:
    def install(text: str) -> None:
        packages.one("irer.metrics", "own", "own_metric:measure", text)

    return install


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("def measure(artifact): return None", None),
        ("import numpy\ndef measure(artifact): return numpy.float32(0.5)", 0.5),
        ("def measure(artifact): return 2", 2.0),
    ],
)
def test_a_metric_is_a_field_of_the_record(
    text: str, value: float | None, metric: Metric, tmp_path: Path
) -> None:
    without = judged(home(tmp_path))
    assert without.extra_metrics == {}
    metric(text)
    record = judged(home(tmp_path))
    assert record.extra_metrics == {"own": value}
    written = read_json(home(tmp_path).home.provenance_file(record.job_uuid))
    assert written["extra_metrics"] == {"own": value}
    assert written["metrics"].keys() == without.model_dump()["metrics"].keys()
    assert record.metrics == without.metrics


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def measure(artifact): return 1 / 0", "failed: ZeroDivisionError: division by zero"),
        ("def measure(artifact): return 'x'", "must return a finite number, got 'x'"),
        ("def measure(artifact): return float('nan')", "must return a finite number, got nan"),
        (
            "def measure(artifact): return artifact.snapshot_rho.astype('f8')[0, 0, 0] * 0 / 0",
            "failed: FloatingPointError",
        ),
    ],
)
def test_a_run_on_which_a_metric_fails_says_which(
    text: str, why: str, metric: Metric, tmp_path: Path
) -> None:
    metric(text)
    record = judged(home(tmp_path))
    assert record.error is not None
    assert record.error.reason == "BAD_METRICS"
    named = "the metric 'own' (irer.metrics, package elsewhere 1.0) "
    assert record.error.message.startswith(named + why)
    assert record.extra_metrics == {}


def test_a_metric_that_cannot_be_loaded_commits_no_run(
    metric: Metric, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metric("import nowhere_to_be_found")
    with pytest.raises(ExtensionError, match=r"^the metric 'own' .* cannot be loaded: Module"):
        judged(home(tmp_path))
    assert records(home(tmp_path)) == []
    assert core_engine.main(["--home", str(tmp_path), "--generations", "1"]) == 2
    assert capsys.readouterr().err.startswith("core_engine.py: the metric 'own' (irer.metrics, ")


def test_records_of_before_are_read_with_what_they_had(tmp_path: Path) -> None:
    """Before 11.1 a metric of one's own stood among those of the program, in record and ledger."""
    settings = home(tmp_path)
    record = judged(settings)
    path = settings.home.provenance_file(record.job_uuid)
    data = json.loads(path.read_text())
    del data["extra_metrics"]
    data["metrics"] |= {"density_kurtosis": 2.5, "nothing_found": None}
    path.write_text(json.dumps(data))
    read = read_provenance(path)
    assert read.extra_metrics == {"density_kurtosis": 2.5, "nothing_found": None}
    assert read.metrics == record.metrics
    for wrong in (None, [], 3):
        path.write_text(json.dumps(data | {"extra_metrics": wrong}))
        with pytest.raises(ContractError, match=path.name):
            read_provenance(path)


def component(packages: Packages, name: str, **changes: Any) -> None:
    """Install a package whose folder holds a component."""
    script = (
        "import os, pathlib, sys\n"
        "from irer.base.records import SAMPLERS\n"
        "pathlib.Path(os.environ['IRER_HOME'], 'said.txt').write_text(repr(SAMPLERS.names()))\n"
    )
    text = json.dumps(manifest(name="Elsewhere", script_to_run="look.py", **changes))
    files = {
        f"{name}/__init__.py": "raise SystemExit\n",
        f"{name}/look.py": script,
        f"{name}/component_manifest.json": text,
    }
    packages.install(name, files, {"irer.components": {name: name}})


def test_a_component_is_found_and_run(packages: Packages, tmp_path: Path) -> None:
    component(packages, "looking")
    packages.one("irer.samplers", "corners", "corners:ask", CORNERS)
    settings = home(tmp_path / "home")
    found = find(settings).get("Elsewhere")
    assert found.place == "the component 'looking' (irer.components, package looking 1.0)"
    settings.home.folder.mkdir()
    ended = run_component(make_call(found, {}, settings, lambda: str(uuid.uuid4())), settings)
    assert ended.returncode == 0, ended.stderr
    assert "'corners'" in (settings.home.folder / "said.txt").read_text()


def test_a_component_that_is_broken_or_twice_there_is_listed_with_its_package(
    packages: Packages, tmp_path: Path
) -> None:
    component(packages, "looking")
    component(packages, "watching")
    component(packages, "wrong", version="one")
    packages.install("gone", {}, {"irer.components": {"gone": "gone.away"}})
    packages.install("bare", {"bare.py": ""}, {"irer.components": {"bare": "bare"}})
    packages.install("nothing", {}, {"irer.components": {"nothing": ":x"}})
    found = find(home(tmp_path))
    assert "Elsewhere" not in found.components
    assert {"SNCGL-SDG HPC Core", "Null hunts"} <= found.components.keys()
    said = [str(problem) for problem in found.problems]
    assert len(said) == 6

    def named(name: str, rest: str) -> bool:
        head = f"the component {name!r} (irer.components, package {name} 1.0): "
        return any(line.startswith(head + rest) and "\n" not in line for line in said)

    assert named("looking", "name: 'Elsewhere' is the name in the component 'watching'")
    assert named("watching", "name: 'Elsewhere' is the name in the component 'looking'")
    assert named("wrong", "version: ")
    assert named("gone", "there is no module 'gone.away'")
    assert named("bare", "bare must be a package that holds a component_manifest.json")
    assert named("nothing", "there is no module ''")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SPACE = {'epsilon': (0.1, 1.0)}\nraise RuntimeError('no')\n", "cannot be loaded: Run"),
        ("def equation(grid): return grid.n\n", "failed: AttributeError: "),
        ("def equation(grid): return 3\n", "must make an Equation, got 3"),
    ],
)
def test_an_equation_that_is_broken_is_named_where_it_is_used(
    text: str, why: str, packages: Packages
) -> None:
    from irer.physics.equations import equation_of

    packages.one("irer.equations", "own", "own_equation:equation", text)
    named = re.escape(f"the equation 'own' (irer.equations, package elsewhere 1.0) {why}")
    with pytest.raises(ExtensionError, match=named):
        equation_of(SimulationConfig(model="own", N_grid=16))


def test_a_hunt_on_a_broken_equation_stops_and_says_which(
    packages: Packages, tmp_path: Path
) -> None:
    packages.one("irer.equations", "own", "own_equation:equation", "equation = 3\n")
    settings = home(tmp_path, workers=1)
    asked = order(model="own", simulation=SMALL, num_generations=1, population_size=1)
    core_engine.execute_hunt(order=asked, settings=settings)
    plan = read_json(settings.home.hunt_file)
    assert plan["state"] == "Stopped"
    line = "the equation 'own' (irer.equations, package elsewhere 1.0) must be callable"
    assert line in plan["message"]
    assert records(settings) == []
