"""Provenance files, read with suspicion."""

from pathlib import Path
from typing import Any

from irer.base.errors import ConflictError
from irer.base.record_files import read_record
from irer.base.records import METRICS, Provenance


def refuse_committed(path: Path) -> None:
    """Raise ConflictError if the record at `path` exists: a committed job never runs again."""
    if path.exists():
        raise ConflictError(f"{path} exists: the job is committed; repeat it in another home")


def read_provenance(path: Path) -> Provenance:
    """Read and check a committed record.

    Raises NotFoundError when there is none, ContractError naming the file and every wrong field
    when it is not what this program writes.
    """
    return read_record(Provenance, path, "the record", shown=path.name, renewed=_with_extras_apart)


def _with_extras_apart(data: Any) -> Any:
    """Return a record with its extra metrics where they belong.

    Before 11.1 they stood among those of the program.
    """
    metrics = data.get("metrics") if isinstance(data, dict) else None
    given = data.get("extra_metrics", {}) if isinstance(data, dict) else None
    if not isinstance(metrics, dict) or not isinstance(given, dict):
        return data
    extra = {
        name: value
        for name, value in metrics.items()
        if name not in METRICS.built_in and (value is None or type(value) in (int, float))
    }
    own = {name: value for name, value in metrics.items() if name not in extra}
    return data | {"metrics": own, "extra_metrics": extra | given}
