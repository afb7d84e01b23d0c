"""Numbers that stand in files of other programs, and how the tests read or refuse such a file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import irer
from irer.base.errors import ConfigError
from irer.interchange.fields import Choice, read_field
from irer.interchange.readers.opening import open_source

L = 36 * np.pi
GIB = 2**30
rng = np.random.default_rng(11)
RHO = rng.gamma(2.0, size=(3, 24, 24))
PSI = rng.normal(size=(24, 24)) + 1j * rng.normal(size=(24, 24))
U = 0.1 * rng.normal(size=(24, 24))


def read(path: Path, **choice: Any) -> Any:
    with open_source(path) as source:
        return read_field(source, Choice(**choice))


def refused(field: Any, **options: Any) -> str:
    """Return the one line that refuses a field, with nothing written beside it."""
    folder = field.parent if isinstance(field, Path) else None
    before = sorted(folder.iterdir()) if folder and folder.exists() else []
    with pytest.raises(ConfigError) as error:
        irer.score(field, **{"box_length": L, "n_null": 0, **options})
    assert "\n" not in error.value.message
    assert (sorted(folder.iterdir()) if folder and folder.exists() else []) == before
    return error.value.message


def made(path: Path, content: Any = None, **arrays: Any) -> Path:
    if arrays:
        np.savez(path, **arrays)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with path.open("wb") as file:
            np.save(file, content, allow_pickle=True)
    return path
