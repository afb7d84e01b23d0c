"""Provenance files, read with suspicion."""

from pathlib import Path

from irer.base.errors import ConflictError
from irer.base.record_files import read_record
from irer.base.records import Provenance


def refuse_committed(path: Path) -> None:
    """Raise ConflictError if the record at `path` exists: a committed job never runs again."""
    if path.exists():
        raise ConflictError(f"{path} exists: the job is committed; repeat it in another home")


def read_provenance(path: Path) -> Provenance:
    """Read and check a committed record.

    Raises NotFoundError when there is none, ContractError naming the file and every wrong field
    when it is not what this program writes.
    """
    return read_record(Provenance, path, "the record", shown=path.name)
