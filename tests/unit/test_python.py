"""`irer` in Python: what is loaded when, homes, runs, frames, scores; without a simulation."""

import ast
import html
import inspect
import os
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core_engine
import irer
from irer.base.errors import ArtifactError, ConfigError, NotFoundError
from irer.base.files import write_json
from irer.base.hunt_records import HuntPlan
from irer.controls.reading import facts_of, read_reading, reading_of
from irer.home import Home
from irer.home.frame import column_types
from irer.home.ledger import COLUMNS
from irer.home.registry import load_plan
from irer.validation import log_prime_fidelity
from tests.hunts import home, order, run_canned

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"jax", "jaxlib", "numpy", "scipy", "pandas", "xarray", "optuna", "pydantic", "h5py"}


def modules_after(code: str) -> set[str]:
    """Return what `code` loads beyond what Python itself has loaded."""
    shell = "import sys; before = set(sys.modules)\n{}\nprint(*set(sys.modules) - before)"
    answer = subprocess.run(
        [sys.executable, "-c", shell.format(code)], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_import_alone_loads_nothing() -> None:
    loaded = modules_after("import irer")
    assert {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names} == {
        "irer"
    }
    assert len(loaded) <= 6  # importlib and its parts


def test_each_name_loads_only_what_it_needs(tmp_path: Path) -> None:
    loaded = modules_after(f"import irer; len(irer.open_home({str(tmp_path)!r}).runs())")
    assert not loaded & (HEAVY - {"numpy", "pydantic"})
    loaded = modules_after("import irer, irer.api.hunting; irer.score, irer.simulate")
    assert not loaded & {"jax", "jaxlib", "pandas", "xarray", "optuna", "scipy", "h5py"}


def test_the_stub_names_what_the_package_has() -> None:
    tree = ast.parse((ROOT / "irer" / "__init__.pyi").read_text())
    imported = {
        alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    listed = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    assert listed == [irer.__all__]
    assert imported == set(irer.__all__) <= set(dir(irer))
    for name in irer.__all__:
        assert callable(getattr(irer, name))
    with pytest.raises(AttributeError, match="no attribute 'hount'"):
        irer.hount  # noqa: B018


@pytest.mark.parametrize("first", ["import irer", "import irer.hunt.order", "import irer.hunt"])
def test_hunt_can_be_called_whatever_was_imported_first(first: str) -> None:
    code = """
import irer
try:
    irer.hunt(generations=0)
except Exception as error:
    told = str(error)
assert "num_generations: must be an integer from 1" in told, told
"""
    modules_after(first + code)


@pytest.fixture(scope="module")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> irer.OpenHome:
    place = tmp_path_factory.mktemp("home")
    run_canned(home(place))
    return irer.open_home(place)


def test_the_frame_is_typed(hunted: irer.OpenHome) -> None:
    runs = hunted.runs()
    frame = runs.dataframe()
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == len(runs) == 12
    kinds = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert kinds["state"] == kinds["reason"] == kinds["no_score"] == kinds["model"] == "category"
    assert kinds["generation"] == kinds["global_seed"] == "int64"
    assert kinds["epsilon"] == kinds["seconds"] == "float64"
    assert kinds["log_prime_sse"] == kinds["fitness"] == "Float64"
    assert kinds["n_targets_resolved"] == "Int64"
    assert kinds["under_resolved"] == kinds["settled"] == "boolean"
    assert kinds["started_at"] == kinds["ended_at"] == "datetime64[ms, UTC]"
    assert set(frame["state"].cat.categories) == {"COMPLETE", "FAILED"}
    failed = frame[frame["state"] == "FAILED"]
    assert failed["log_prime_sse"].isna().all()
    for row, (_, cells) in zip(runs, frame.iterrows(), strict=True):
        assert cells["job_uuid"] == row.job_uuid
        assert cells["kappa"] == row.params.kappa
        if row.metrics:
            assert cells["log_prime_sse"] == row.metrics.log_prime_sse


def test_the_frame_of_no_runs_has_the_same_types(tmp_path: Path) -> None:
    frame = irer.open_home(tmp_path / "none").runs().dataframe()
    assert frame.empty
    assert [str(frame[name].dtype) for name in ("kappa", "fitness", "settled", "ended_at")] == [
        "float64", "Float64", "boolean", "datetime64[ms, UTC]",
    ]  # fmt: skip
    assert set(column_types()) == set(COLUMNS)


def test_times_of_a_frame_are_those_of_the_records(hunted: irer.OpenHome) -> None:
    moment = "2026-11-27T04:16:11.123+00:00"
    row = hunted.runs()[0].model_copy(update={"started_at": moment})
    frame = irer.Runs((row,), hunted).dataframe()
    assert frame["started_at"][0] == pd.Timestamp(moment)


def test_runs_are_a_sequence_with_a_front_and_a_best(hunted: irer.OpenHome) -> None:
    runs = hunted.runs()
    assert [row.place for row in runs] == sorted(row.place for row in runs)
    assert len(runs[2:5]) == 3
    front = runs.front()
    assert all(
        not any(
            all(np.less(other.objectives, row.objectives)) for other in runs if other.objectives
        )
        for row in front
    )
    best = runs.best()
    assert best is not None
    assert best.fitness == max(row.fitness for row in runs if row.fitness is not None)
    assert best.job_uuid in {row.job_uuid for row in front}
    assert len(hunted.runs(runs[0].hunt_id)) == 12
    assert len(hunted.runs("another")) == 0
    assert irer.Runs((), hunted).best() is None


def test_a_run_by_uuid_or_prefix(hunted: irer.OpenHome) -> None:
    job_uuid = hunted.runs()[0].job_uuid
    for name in (job_uuid, job_uuid[:8]):
        assert hunted.run(name).job_uuid == job_uuid
    with pytest.raises(NotFoundError, match="no committed run"):
        hunted.run("0123456789abcdef")
    for wrong in ("", "../etc", "98AB", 3):
        with pytest.raises(ConfigError, match="must be a UUID or the beginning"):
            hunted.run(wrong)  # type: ignore[arg-type]
    run = hunted.run(job_uuid)
    assert hunted.runs().best() == hunted.run(hunted.runs().best().job_uuid)
    assert run.config.sncgl_params == run.params
    assert run.confirmation() is None
    with pytest.raises(ArtifactError, match="no artifact"):
        run.field()


def test_a_prefix_of_two_runs_is_none(hunted: irer.OpenHome, tmp_path: Path) -> None:
    record = hunted.run(hunted.runs()[0].job_uuid).record
    alike = f"{record.job_uuid[:-1]}{'1' if record.job_uuid[-1] == '0' else '0'}"
    place = irer.open_home(tmp_path)
    for name in (record.job_uuid, alike):
        twin = record.model_copy(update={"job_uuid": name})
        write_json(place.provenance_file(name), twin.model_dump(mode="json"))
    with pytest.raises(ConfigError, match="begins 2 runs"):
        place.run(alike[:8])
    assert place.run(alike).job_uuid == alike


def test_rich_displays_escape_and_name_things(hunted: irer.OpenHome) -> None:
    run = hunted.runs().best()
    assert run is not None
    for shown in (hunted.runs()._repr_html_(), run._repr_html_(), run.record._repr_html_()):
        assert shown.startswith("<table><caption>")
        assert shown.endswith("</table>")
        assert run.job_uuid[:8] in shown
    spoilt = run.record.model_copy(update={"origin": "<script>"})
    assert "<script>" not in spoilt._repr_html_()
    assert run.job_uuid in repr(run)
    assert "12" in repr(hunted.runs())


def current_plan(place: irer.OpenHome) -> HuntPlan:
    plan = load_plan(place)
    assert plan is not None
    return plan


def test_the_reading_of_a_hunt_is_the_kept_one_or_made(
    hunted: irer.OpenHome, tmp_path: Path
) -> None:
    shutil.copytree(hunted.folder, tmp_path / "home")
    place = irer.open_home(tmp_path / "home")
    hunt_id = place.runs()[0].hunt_id
    kept = place.reading()
    assert isinstance(kept, irer.Reading)
    assert kept == place.reading(hunt_id) == read_reading(place, hunt_id)
    assert (kept.hunt_id, kept.complete, kept.n_runs) == (hunt_id, True, 12)
    spoken = kept.model_copy(update={"sentence": "As it is kept."})
    write_json(place.reading_file(hunt_id), spoken.model_dump(mode="json"))
    assert place.reading() == spoken
    place.reading_file(hunt_id).unlink()
    made = place.reading()
    assert made == reading_of(facts_of(place, current_plan(place)))
    assert made.sentence == kept.sentence
    assert not place.reading_file(hunt_id).exists()  # a look writes nothing


def test_a_hunt_that_is_not_current_has_its_reading(tmp_path: Path) -> None:
    settings = home(tmp_path)
    ids = []
    for seed in (1, 2):
        plan = core_engine.plan_hunt(order(num_generations=1, seed=seed), settings)
        run_canned(settings, plan)
        ids.append(plan.hunt_id)
    place = irer.open_home(tmp_path)
    assert place.reading().hunt_id == ids[1]
    for hunt_id in ids:
        assert place.reading(hunt_id).hunt_id == hunt_id


def test_no_hunt_has_no_reading(hunted: irer.OpenHome, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no hunt in"):
        irer.open_home(tmp_path / "none").reading()
    with pytest.raises(NotFoundError, match="no plan of a hunt 00000000-"):
        hunted.reading(str(uuid.UUID(int=0)))
    for wrong in ("../..", "98AB", "", 3):
        with pytest.raises(ConfigError, match="hunt_id: must be a UUID or the beginning of one"):
            hunted.reading(wrong)  # type: ignore[arg-type]


def test_a_reading_shows_sentence_gauges_and_commands(hunted: irer.OpenHome) -> None:
    reading = hunted.reading()
    assert reading.best is not None
    assert reading.findings
    shown = reading._repr_html_()
    assert shown.startswith(f"<p>{html.escape(reading.sentence)}</p>")
    assert f"best run {reading.best.job_uuid}" in shown
    for gauge in reading.best.gauges:
        assert f"<td>{gauge.name}</td><td>{gauge.value:.6g}</td>" in shown
    for finding in reading.findings:
        assert html.escape(finding.words) in shown
        assert finding.action is not None
        told = f"<pre>{html.escape(finding.action.command)}</pre>" in shown
        assert told == finding.action.can_succeed
    first = reading.findings[0].model_copy(update={"words": "<b>"})
    spoilt = reading.model_copy(update={"sentence": "<script>", "findings": [first]})
    assert "&lt;script&gt;" in spoilt._repr_html_()
    assert "<script>" not in spoilt._repr_html_()
    assert "<b>" not in spoilt._repr_html_()
    gauge = reading.best.gauges[0].model_copy(update={"band": (0.25, 1.5)})
    assert gauge.cells()[-1] == "0.25 to 1.5"


def test_a_run_is_exported_as_xdmf_alone(hunted: irer.OpenHome, tmp_path: Path) -> None:
    run = hunted.run(hunted.runs()[0].job_uuid)
    with pytest.raises(ConfigError, match="kind: must be xdmf, got 'vtk'"):
        run.export("vtk")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"path: must end in \.xdmf, got 'run\.h5'"):
        run.export("xdmf", tmp_path / "run.h5")
    with pytest.raises(ArtifactError, match="no artifact"):
        run.export("xdmf", tmp_path / "run.xdmf")
    assert list(tmp_path.iterdir()) == []


def test_an_open_home_is_a_home_that_reads_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRER_HOME", str(tmp_path))
    opened = irer.open_home()
    assert isinstance(opened, Home)
    assert str(opened) == str(tmp_path)
    with pytest.raises(ConfigError, match="path: must be a path"):
        irer.open_home("~nobody-of-this-name/home")


def test_a_score_is_the_validators() -> None:
    rng = np.random.default_rng(5)
    psi = rng.normal(size=(232, 232)) + 1j * rng.normal(size=(232, 232))
    density, length = np.abs(psi) ** 2, 36 * np.pi
    expected = log_prime_fidelity(density, length, 50, np.random.default_rng(0))
    assert expected.p_position is not None
    for field in (density, psi, [density]):
        found = irer.score(field, box_length=length, n_null=50)
        assert isinstance(found, irer.FieldScore)
        assert found.log_prime_sse == pytest.approx(expected.sse, abs=1e-12)
        assert found.p_position == expected.p_position
    with pytest.raises(ConfigError, match="box_length: must be finite and above 0"):
        irer.score(density, box_length=0)
    with pytest.raises(ConfigError, match="box_length: required"):
        irer.score(density)
    with pytest.raises(ConfigError, match="field: rho has 232 x 40 points, must have as many"):
        irer.score(density[:, :40], box_length=45.0)
    with pytest.raises(ConfigError, match="field: rho is not finite"):
        irer.score(density * np.nan, box_length=45.0)


def test_a_complex_field_in_single_precision_has_its_own_floor() -> None:
    x = np.arange(64) * (2 * np.pi / 64)
    psi = (2 + np.cos(3 * x)[:, None] * np.exp(1j * x)).astype(np.complex64)  # no noise at all
    found = irer.score(psi, box_length=40.0, n_null=0)
    density = np.abs(psi.astype(complex)) ** 2
    told = irer.score(density, box_length=40.0, n_null=0, precision="float32")
    assert (found.precision, told.precision) == ("float32", "float32")
    assert found.n_floor_limited == told.n_floor_limited
    assert found.floor_k == told.floor_k
    as_stored = irer.score(density, box_length=40.0, n_null=0)
    assert as_stored.precision == "float64"
    assert as_stored.n_floor_limited < found.n_floor_limited


def test_a_run_in_double_precision_needs_no_setting_of_jax() -> None:
    code = """
import irer
found = irer.simulate(precision="float64", N_grid=16, box_length=40.0, T_steps=2)
print(found.psi.dtype, found.u.dtype)
"""
    environment = {name: value for name, value in os.environ.items() if name != "JAX_ENABLE_X64"}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert answer.stdout.split() == ["complex128", "float64"], answer.stderr


def test_wrong_options_of_a_simulation_are_named_before_jax_is_loaded() -> None:
    with pytest.raises(ConfigError, match="kapa: unknown option; did you mean kappa"):
        irer.simulate(kapa=0.2)
    with pytest.raises(ConfigError, match="N_grid: must be an even integer from 16 to 1,024"):
        irer.simulate(N_grid=15)
    with pytest.raises(ConfigError, match=r"kappa: must be a finite number from 0 to 1,000"):
        irer.simulate(kappa=-1.0)


def test_every_public_name_says_what_it_takes_returns_and_raises() -> None:
    for name in ("hunt", "score", "simulate", "open_home"):
        function = irer.api.hunting.hunt if name == "hunt" else getattr(irer, name)
        text = inspect.getdoc(function) or ""
        assert "Raises" in text, name
        assert re.search("(?i)return", text), name
        for parameter in inspect.signature(function).parameters:
            assert re.search(rf"(?m)^\s+{parameter}: |`{parameter}`", text), (name, parameter)
