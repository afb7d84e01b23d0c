import stat
from pathlib import Path

import pytest

from irer.home import open_home
from irer.web.security import is_loopback, token_of_home


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "127.3.2.1", "::1"])
def test_loopback_names(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name",
    [None, "", "evil.example", "0.0.0.0", "::", "10.0.0.1", "localhost.evil.example",
     "127.0.0.1.evil.example", "evil-localhost"],
)  # fmt: skip
def test_other_names(name: str | None) -> None:
    assert not is_loopback(name)


def test_the_token_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    token = token_of_home(open_home(tmp_path))
    assert token_of_home(open_home(tmp_path)) == token
    assert token_of_home(open_home(tmp_path / "other")) != token
    assert len(token) == 43
    assert stat.S_IMODE(open_home(tmp_path).token_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe", b"x" * 42 + b"!"])
def test_a_broken_token_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    open_home(tmp_path).token_file.write_bytes(content)
    open_home(tmp_path).token_file.chmod(0o644)
    assert token_of_home(open_home(tmp_path)).encode() != content
    assert stat.S_IMODE(open_home(tmp_path).token_file.stat().st_mode) == 0o600
