"""A file system without locks is named as such, with what to do; nothing runs without one."""

import errno
import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

import core_engine
from app import main as app_main
from irer.base.errors import ConfigError
from irer.base.locks import lock_file
from irer.base.results import BestRun
from irer.controls.golden import write_golden
from tests.hunts import home

WITHOUT = [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP]


def refuse_with(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def flock(_file: int, _how: int) -> None:
        raise OSError(number, "as a mount without locks")

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.parametrize("number", WITHOUT)
@pytest.mark.parametrize("program", [core_engine.main, app_main])
def test_a_file_system_without_locks_is_named(
    program: Callable[[list[str]], int],
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    refuse_with(monkeypatch, number)
    assert program(["--home", str(tmp_path)]) == 2
    printed = capsys.readouterr().err
    assert len(printed.splitlines()) == 1
    assert f"IRER_HOME: must lie on a file system with locks, {tmp_path} does not" in printed
    assert "put the home on a local disk" in printed
    assert not (tmp_path / "hunt.json").exists()


def test_every_lock_of_a_home_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, errno.ENOSYS)
    with pytest.raises(ConfigError, match="file system with locks"):
        write_golden(
            home(tmp_path).home,
            BestRun.model_construct(job_uuid=core_engine.new_id(), verdict=None),
        )


def test_other_refusals_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="as a mount"):
        lock_file(tmp_path / "lock", timeout_s=0)
