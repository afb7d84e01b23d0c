"""`--tunnel ngrok`: an internet address for the hub, by pyngrok, an optional extra.

A request through it carries the tunnel's Host, so it needs the token like any request from
elsewhere.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from irer.base.errors import ConfigError, ConflictError

log = logging.getLogger("irer.hub")

TUNNELS = ("ngrok",)
ABSENT = "needs pyngrok, which is not installed: pip install -r requirements-tunnel.txt"


def check_tunnel(name: str | None) -> None:
    """Raise ConfigError for a tunnel whose library is not installed."""
    if name is not None:
        _pyngrok()


@contextmanager
def tunnel(name: str | None, host: str, port: int) -> Iterator[str | None]:
    """Keep a tunnel to `host`:`port` open; yield its https address, None for no tunnel.

    Raises ConfigError when pyngrok is not installed, ConflictError when ngrok opens no tunnel: it
    needs an account, with its token in NGROK_AUTHTOKEN.
    """
    if name is None:
        yield None
        return
    ngrok, failed = _pyngrok()
    try:
        opened = ngrok.connect(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "http")
    except (failed, OSError) as error:
        # Not the message: ngrok's may hold the account's token.
        code = getattr(error, "ngrok_error_code", None) or type(error).__name__
        raise ConflictError(
            f"--tunnel: ngrok opened none ({code}); it needs NGROK_AUTHTOKEN and a way out"
        ) from None
    log.info("tunnel at %s", opened.public_url)
    try:
        yield str(opened.public_url).replace("http://", "https://", 1)
    finally:
        with suppress(failed, OSError):  # the tunnel ends with this process anyway
            ngrok.kill()


def _pyngrok() -> tuple[Any, type[Exception]]:
    try:
        from pyngrok import ngrok
        from pyngrok.exception import PyngrokError
    except ImportError as error:
        raise ConfigError.of_field("--tunnel", ABSENT) from error
    return ngrok, PyngrokError
