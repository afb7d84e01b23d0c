import inspect
import sys
from types import SimpleNamespace

import pytest
from pyngrok import ngrok
from pyngrok.exception import PyngrokNgrokError

import app
from irer.base.errors import ConflictError
from irer.web.tunnel import check_tunnel, tunnel


class Ngrok:
    """Stands in for pyngrok's two calls, called as the real ones can be."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
        self.address: str | None = None
        self.killed = False
        self._error = error
        self._real = inspect.signature(ngrok.connect)
        monkeypatch.setattr(ngrok, "connect", self.connect)
        monkeypatch.setattr(ngrok, "kill", self.kill)

    def connect(self, *arguments: str) -> SimpleNamespace:
        given = self._real.bind(*arguments).arguments
        assert given["proto"] == "http"
        if self._error:
            raise self._error
        self.address = given["addr"]
        return SimpleNamespace(public_url="http://a.ngrok.example")

    def kill(self) -> None:
        self.killed = True


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", "127.0.0.1:8080"), ("::1", "[::1]:8080")]
)
def test_it_leads_to_the_hub_and_ends_with_it(
    monkeypatch: pytest.MonkeyPatch, host: str, address: str
) -> None:
    stand_in = Ngrok(monkeypatch)
    with tunnel("ngrok", host, 8080) as public:
        assert (public, stand_in.address) == ("https://a.ngrok.example", address)
        assert not stand_in.killed
    assert stand_in.killed


def test_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyngrok", None)
    check_tunnel(None)
    with tunnel(None, "127.0.0.1", 8080) as public:
        assert public is None


def test_why_there_is_none_is_said_without_the_accounts_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = "authentication failed: Your authtoken: a-secret ERR_NGROK_105"
    Ngrok(monkeypatch, PyngrokNgrokError(told, [], told))
    with pytest.raises(ConflictError) as refused, tunnel("ngrok", "127.0.0.1", 8080):
        pass
    assert "ERR_NGROK_105" in refused.value.message
    assert "a-secret" not in refused.value.message


def test_without_the_library_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    monkeypatch.setitem(sys.modules, "pyngrok", None)
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)  # this process keeps its own
    assert app.main(["--tunnel", "ngrok", "--home", f"{tmp_path}/home"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "app.py: --tunnel: needs pyngrok, which is not installed: "
        "pip install -r requirements-tunnel.txt\n"
    )
