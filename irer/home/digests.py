"""The check of a file against the SHA-256 in its record."""

from functools import lru_cache
from pathlib import Path

from irer.base.errors import ArtifactError
from irer.base.files import sha256_of_file


def hold_digest(path: Path, recorded: str | None) -> None:
    """Check a file against the SHA-256 in its record.

    A file is not read again while its size, times and inode are unchanged. Raises ArtifactError for
    a difference, or when the file cannot be read. A record without a digest, whose worker reported
    none, is not checked.
    """
    if recorded is None:
        return
    try:
        stat = path.stat()
        found = _digest(path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
    except FileNotFoundError as error:
        raise ArtifactError(f"no artifact {path.name}") from error
    except OSError as error:
        raise ArtifactError(f"cannot read {path.name}: {error.strerror or error}") from error
    if found != recorded:
        raise ArtifactError(
            f"{path.name} was changed after its run was judged: its SHA-256 is {found[:12]}..., "
            f"in the record {recorded[:12]}..."
        )


@lru_cache(maxsize=4096)
def _digest(path: Path, *_stat: int) -> str:
    return sha256_of_file(path)
