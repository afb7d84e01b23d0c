"""The ledger as a table for people: CSV and Parquet, from the command line."""

from pathlib import Path

import pandas as pd
import pytest

import aste_hunter
import irer
from irer.home import frame
from settings import Settings
from tests.hunts import home, run_canned


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = home(tmp_path_factory.mktemp("home"))
    run_canned(made)
    return made


def run(settings: Settings, *arguments: str) -> int:
    return aste_hunter.main([*arguments, "--home", str(settings.home)])


def test_csv_has_the_bytes_of_the_ledger(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = settings.home.ledger_file.read_bytes()
    out = tmp_path / "runs.csv"
    assert run(settings, "export", "--format", "csv", "--out", str(out)) == 0
    assert capsys.readouterr().out == f"{out}: 12 runs, {len(frame.COLUMNS)} columns\n"
    assert out.read_bytes() == ledger
    assert run(settings, "show", "--format", "csv") == 0
    assert capsys.readouterr().out.encode() == ledger


def test_csv_of_runs_with_times_has_them_as_the_ledger(tmp_path: Path) -> None:
    moment = "2026-11-27T04:16:11.123+00:00"
    made = home(tmp_path)
    run_canned(made)
    rows = [
        row.model_copy(update={"started_at": moment}) for row in irer.open_home(tmp_path).runs()
    ]
    lines = frame.csv_of(frame.frame_of(rows)).decode().splitlines()
    assert lines[1:] == [",".join(row.cells()) for row in rows]


def test_parquet_keeps_every_type(settings: Settings) -> None:
    assert run(settings, "export", "--format", "parquet") == 0
    stored = pd.read_parquet(settings.home.export_file("parquet"))
    pd.testing.assert_frame_equal(stored, irer.open_home(settings.home).runs().dataframe())


@pytest.mark.parametrize(
    ("command", "kind"), [("show", "parquet"), ("show", "journal"), ("export", "table")]
)
def test_a_format_that_the_command_lacks_is_named(
    settings: Settings, command: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(settings.home.folder.rglob("*"))
    assert run(settings, command, "--format", kind) == 2
    assert capsys.readouterr().err.startswith(f"aste_hunter.py: --format: {command} ")
    assert sorted(settings.home.folder.rglob("*")) == before


def test_parquet_without_its_library_is_one_clear_line(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    out = tmp_path / "runs.parquet"
    assert run(settings, "export", "--format", "parquet", "--out", str(out)) == 2
    assert "parquet needs pyarrow" in capsys.readouterr().err
    assert not out.exists()
