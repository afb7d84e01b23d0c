"""Locks on files, and what to do where a file system has none."""

import errno
from pathlib import Path

from filelock import BaseFileLock, FileLock

from irer.base.errors import ConfigError

_WITHOUT = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)


def lock_file(path: Path, timeout_s: float = -1) -> BaseFileLock:
    """Lock the file at `path`, created if need be; the lock ends with the process.

    A `timeout_s` below 0 waits for ever. Raises filelock's Timeout, OSError when the file cannot be
    created, ConfigError on a file system without locks: a plain lock file there would outlive a
    killed hub.
    """
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(timeout=timeout_s)
    except OSError as error:
        if error.errno not in _WITHOUT:
            raise
        message = (
            f"must lie on a file system with locks, {path.parent} does not ({error.strerror}): "
            "put the home on a local disk, or mount its file system with locks (NFS without "
            "nolock, Lustre with flock)"
        )
        raise ConfigError.of_field("IRER_HOME", message) from error
    return lock
