"""Atomic writes and strict JSON, with faults injected under them."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irer.base.errors import ConfigError, ContractError, NotFoundError, StorageError
from irer.base.files import (
    dump_json,
    finite_or_null,
    json_in,
    json_or_text,
    parse_json,
    read_json,
    write_atomic,
    write_json,
    write_text,
)

SYSTEM_CALLS = {
    "mkdir": "pathlib.Path.mkdir",
    "mkstemp": "tempfile.mkstemp",
    "fsync": "os.fsync",
    "replace": "pathlib.Path.replace",
}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
@pytest.mark.parametrize("call", SYSTEM_CALLS)
def test_a_refused_write_leaves_the_old_file_whole(
    call: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "status.json"
    write_json(target, {"old": 1})

    def refuse(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(SYSTEM_CALLS[call], refuse)
        with pytest.raises(StorageError, match=r"status\.json"):
            write_json(target, {"new": 2})
    assert read_json(target) == {"old": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["status.json"]
    write_json(target, {"new": 2})
    assert read_json(target) == {"new": 2}


def test_a_disk_that_fills_within_the_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "artifact.h5"
    target.write_bytes(b"old")

    def half(file) -> None:
        file.write(b"half of the new")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageError, match=r"artifact\.h5: No space left on device"):
        write_atomic(target, half)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_private_file_is_private(tmp_path: Path) -> None:
    write_text(tmp_path / "token", "secret", mode=0o600)
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1.0, -float("inf")]])
def test_nan_and_infinity_are_never_written(value: object, tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        write_json(tmp_path / "x.json", {"v": value})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "1e999", "-1e999", "{", "", "[" * 100_000])
def test_what_is_not_strict_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_broken_json_is_the_error_that_is_asked_for_in_one_line() -> None:
    assert json_in(b"[1]", "the body") == [1]
    for kind in (ContractError, ConfigError):
        with pytest.raises(kind, match=r"^the body is not valid JSON: NaN is not JSON$"):
            json_in("NaN", "the body", kind)


def test_what_was_typed_is_json_or_text() -> None:
    typed = ("2", "[1, 2]", "gp", "NaN", "{", 2.5, None)
    assert [json_or_text(each) for each in typed] == [2, [1, 2], "gp", "NaN", "{", 2.5, None]


@given(st.recursive(st.floats() | st.integers() | st.text() | st.none(), st.lists))
def test_every_value_survives_the_edge_to_json(value: object) -> None:
    clean = finite_or_null(value)
    assert parse_json(dump_json(clean)) == clean


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.json"):
        read_json(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text('{"a": ')
    with pytest.raises(ContractError, match=r"bad\.json"):
        read_json(tmp_path / "bad.json")
