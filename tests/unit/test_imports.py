"""Who may import whom, and that the hub and the validator never load what they should not."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {path.stem for path in ROOT.glob("*.py")}


def imported_by(path: Path) -> set[str]:
    """Top-level names of all that a file imports, at any depth of its code."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_import_rules_between_packages() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_of_the_top_level_files_irer_imports_settings_alone() -> None:
    for path in ROOT.glob("irer/**/*.py"):
        if not path.is_relative_to(ROOT / "irer" / "api"):  # which stands above the programs
            assert imported_by(path) & TOP_LEVEL <= {"settings"}, path


def test_jax_stays_in_the_solver_and_flask_in_the_web() -> None:
    for path in [*ROOT.glob("*.py"), *ROOT.glob("irer/**/*.py")]:
        place = path.relative_to(ROOT).as_posix()
        solver = place.startswith(("irer/spectral/", "irer/physics/", "worker_sncgl_sdg.py"))
        assert solver or "jax" not in imported_by(path), place
        assert place.startswith(("irer/web/", "app.py")) or "flask" not in imported_by(path), place


def test_files_of_other_programs_need_none_of_their_libraries() -> None:
    foreign = {"xarray", "netCDF4", "h5netcdf", "vtk", "vtkmodules", "meshio", "pandas"}
    rooms = ("home", "interchange", "physics", "spectral", "validation")
    for path in [ROOT / "worker_sncgl_sdg.py", *ROOT.glob("irer/**/*.py")]:
        if path.parent == ROOT or path.relative_to(ROOT / "irer").parts[0] in rooms:
            tables = {"pandas"} if path == ROOT / "irer" / "home" / "frame.py" else set()
            assert not imported_by(path) & (foreign - tables), path


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("app", {"jax", "optuna", "pandas", "scipy", "plotly", "matplotlib"}),
        ("core_engine", {"jax", "optuna", "pandas", "scipy", "flask"}),
        ("aste_hunter", {"jax", "optuna", "pandas", "scipy", "flask"}),
        ("validation_pipeline", {"jax", "optuna", "flask", "pandas", "xarray"}),
        ("irer.interchange.score", {"jax", "optuna", "flask", "pandas", "xarray", "matplotlib"}),
        ("settings", {"jax", "optuna", "flask", "numpy"}),
        ("irer.records", {"jax", "flask", "numpy"}),
    ],
)
def test_importing_is_light_and_without_side_effects(
    module: str, never: set[str], tmp_path: Path
) -> None:
    code = (
        f"import sys, threading; before = threading.active_count(); import {module}; "
        "print(*sys.modules); assert threading.active_count() == before"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "IRER_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert not {name.split(".")[0] for name in answer.stdout.split()} & never
    assert list(tmp_path.iterdir()) == []
