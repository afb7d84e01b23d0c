"""`irer` in Python: what is loaded when, homes, runs, frames, scores; without a simulation."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import irer
from irer.base.errors import ArtifactError, ConfigError, NotFoundError
from irer.base.files import write_json
from irer.home import Home
from irer.home.frame import column_types
from irer.home.ledger import COLUMNS
from irer.validation import log_prime_fidelity
from tests.hunts import home, run_canned

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
    loaded = modules_after("import irer; irer.hunt, irer.score, irer.simulate")
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
    uuid = hunted.runs()[0].job_uuid
    for name in (uuid, uuid[:8]):
        assert hunted.run(name).job_uuid == uuid
    with pytest.raises(NotFoundError, match="no committed run"):
        hunted.run("0123456789abcdef")
    for wrong in ("", "../etc", "98AB", 3):
        with pytest.raises(ConfigError, match="must be a uuid or the beginning"):
            hunted.run(wrong)  # type: ignore[arg-type]
    run = hunted.run(uuid)
    assert run.config.sncgl_params == run.params
    assert run.confirmation() is None
    with pytest.raises(ArtifactError, match="no artifact"):
        run.field()


def test_a_prefix_of_two_runs_is_none(hunted: irer.OpenHome, tmp_path: Path) -> None:
    record = hunted.run(hunted.runs()[0].job_uuid).record
    alike = f"{record.job_uuid[:-1]}{'1' if record.job_uuid[-1] == '0' else '0'}"
    place = irer.open_home(tmp_path)
    for uuid in (record.job_uuid, alike):
        twin = record.model_copy(update={"job_uuid": uuid})
        write_json(place.provenance_file(uuid), twin.model_dump(mode="json"))
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
    psi = rng.normal(size=(96, 96)) + 1j * rng.normal(size=(96, 96))
    density = np.abs(psi) ** 2
    expected = log_prime_fidelity(density, 45.0, 50, np.random.default_rng(0))
    for field in (density, psi, [density]):
        found = irer.score(field, box_length=45.0, n_null=50)
        assert found.sse == pytest.approx(expected.sse, abs=1e-12)
        assert found.p_position == expected.p_position
    with pytest.raises(ConfigError, match="box_length: must be finite and above 0"):
        irer.score(density, box_length=0)
    with pytest.raises(ConfigError, match="rho: must have shape"):
        irer.score(density[:, :40], box_length=45.0)
    with pytest.raises(ConfigError, match="rho: must be finite"):
        irer.score(density * np.nan, box_length=45.0)


def test_a_complex_field_in_single_precision_has_its_own_floor() -> None:
    rng = np.random.default_rng(6)
    psi = (rng.normal(size=(64, 64)) + 1j * rng.normal(size=(64, 64))).astype(np.complex64)
    found = irer.score(psi, box_length=40.0, n_null=0)
    again = irer.score(
        (np.abs(psi.astype(complex)) ** 2).astype(np.float32), box_length=40.0, n_null=0
    )
    assert found.spectrum is not None
    assert again.spectrum is not None
    assert found.spectrum.floor == pytest.approx(again.spectrum.floor, rel=1e-3)


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
        for parameter in inspect.signature(function).parameters:
            assert parameter in text, (name, parameter)
