"""One hub or hunt per home folder."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import Timeout

from irer.base.errors import ConfigError, ConflictError
from irer.base.files import remove_temporaries
from irer.base.locks import lock_file
from settings import Settings


@contextmanager
def hold_home(settings: Settings) -> Iterator[None]:
    """Hold the home folder, made if need be, for this process alone.

    The lock goes with the process, so a killed holder leaves none behind. Raises ConfigError
    naming IRER_HOME when the home cannot be written, ConflictError when another process (or
    another place in this one) holds it.
    """
    _prove_writable(settings.home)
    try:
        lock = lock_file(settings.home / ".lock", timeout_s=0)
    except Timeout as error:
        raise ConflictError(
            f"the home {settings.home} is in use by another hub or hunt{_holder(settings.home)}"
        ) from error
    except OSError as error:
        raise _not_writable(settings.home, error) from error
    owner = _owner_file(settings.home)
    try:
        remove_temporaries(settings.home)
        with suppress(OSError):  # the pid is a courtesy to whoever is refused
            owner.write_text(f"{os.getpid()}\n")
        yield
    finally:
        with suppress(OSError):
            owner.unlink(missing_ok=True)
        lock.release()


def _prove_writable(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"\n")
    except OSError as error:
        raise _not_writable(home, error) from error


def _not_writable(home: Path, error: OSError) -> ConfigError:
    reason = error.strerror or str(error)
    return ConfigError.of_field(
        "IRER_HOME", f"must be a folder that can be written, got {home} ({reason})"
    )


def _owner_file(home: Path) -> Path:
    # Not the lock file itself: its content is the lock library's.
    return home / ".lock-owner"


def _holder(home: Path) -> str:
    with suppress(OSError, ValueError):
        return f" (pid {int(_owner_file(home).read_text())})"
    return ""
