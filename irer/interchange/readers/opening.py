"""Opening a file of any known layout, by what it holds and never by its name."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from irer.base.errors import ConfigError, IrerError
from irer.interchange.readers.hdf5 import open_hdf5
from irer.interchange.readers.netcdf3 import open_netcdf3
from irer.interchange.readers.numpy_files import open_npy, open_npz
from irer.interchange.stored import Source

LAYOUTS = "npy, npz, HDF5, NetCDF, Dedalus 3, The Well, PDEBench 2-D"

_HDF5 = b"\x89HDF\r\n\x1a\n"
_LARGEST_USER_BLOCK = 2**20  # bytes before an HDF5 file: 0, 512, 1024, ...


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a file for reading. Raises ConfigError for one of no known layout, or a torn one."""
    try:
        with _opened(path) as source:
            yield source
    except (IrerError, FloatingPointError):
        raise
    except Exception as error:  # the libraries raise nearly anything on a torn file
        why = str(error).partition("\n")[0]
        text = f"cannot read {path.name}: {type(error).__name__} {why}"
        raise ConfigError.of_field("field", text) from error


def _opened(path: Path) -> AbstractContextManager[Source]:
    try:
        if path.is_dir():
            raise ConfigError.of_field("field", f"{path} is a folder")
        start = _first_bytes(path)
        if not start:
            raise ConfigError.of_field("field", f"{path} is empty (0 bytes)")
        if start.startswith(b"\x93NUMPY"):
            return open_npy(path)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return open_npz(path)
        if start.startswith((b"CDF\x01", b"CDF\x02")):
            return open_netcdf3(path)
        if _is_hdf5(path):
            return open_hdf5(path)
    except FileNotFoundError as error:
        raise ConfigError.of_field("field", f"no such file: {path}") from error
    except OSError as error:
        text = f"cannot read {path}: {error.strerror or error}"
        raise ConfigError.of_field("field", text) from error
    raise ConfigError.of_field("field", f"{path} is of none of the layouts {LAYOUTS}")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        offset = 0
        while offset <= _LARGEST_USER_BLOCK:
            file.seek(offset)
            if file.read(8) == _HDF5:
                return True
            offset = 2 * offset or 512
    return False
