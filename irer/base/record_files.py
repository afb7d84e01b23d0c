"""Records read from their files: the one way from a path to a checked record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from irer.base.checking import M, check
from irer.base.errors import ConfigError, ContractError
from irer.base.files import read_json


def read_record(
    model: type[M],
    path: Path,
    what: str,
    *,
    shown: str = "",
    renewed: Callable[[Any], Any] | None = None,
) -> M:
    """Read and check the record in a file; `what` and `shown`, by default its path, are for errors.

    `renewed` gives what does not fit the form of today. Raises NotFoundError without the file,
    ContractError naming every wrong field.
    """
    data = read_json(path)
    try:
        try:
            return check(model, data, what=what)
        except ConfigError:
            if renewed is None:
                raise
            return check(model, renewed(data), what=what)
    except ConfigError as error:
        raise ContractError(f"{shown or path}: {error.message}", error.errors) from error


def find_record(model: type[M], path: Path, what: str) -> M | None:
    """Return the record in a file, None without the file. Raises ContractError."""
    return read_record(model, path, what) if path.exists() else None
