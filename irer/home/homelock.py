"""One hub or hunt per home folder."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import Timeout

from irer.base.errors import ConfigError, ConflictError
from irer.base.files import remove_temporaries
from irer.base.locks import lock_file
from irer.home.paths import Home


@contextmanager
def hold_home(home: Home) -> Iterator[None]:
    """Lock the home folder, created if need be, for this process alone.

    The lock ends with the process, so a killed holder leaves none behind. Raises ConfigError naming
    IRER_HOME when the home cannot be written, ConflictError when another process, or another part
    of this one, holds it.
    """
    _prove_writable(home)
    try:
        lock = lock_file(home.lock_file, timeout_s=0)
    except Timeout as error:
        raise ConflictError(
            f"the home {home} is in use by another hub or hunt{_holder(home)}"
        ) from error
    except OSError as error:
        raise _not_writable(home, error) from error
    owner = home.owner_file
    try:
        remove_temporaries(home.folder)
        with suppress(OSError):  # the pid only helps whoever is refused
            owner.write_text(f"{os.getpid()}\n")
        yield
    finally:
        with suppress(OSError):
            owner.unlink(missing_ok=True)
        lock.release()


def _prove_writable(home: Home) -> None:
    try:
        home.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home.folder) as probe:
            probe.write(b"\n")
    except OSError as error:
        raise _not_writable(home, error) from error


def _not_writable(home: Home, error: OSError) -> ConfigError:
    reason = error.strerror or str(error)
    return ConfigError.of_field(
        "IRER_HOME", f"must be a folder that can be written, got {home} ({reason})"
    )


def _holder(home: Home) -> str:
    with suppress(OSError, ValueError):
        return f" (pid {int(home.owner_file.read_text())})"
    return ""
