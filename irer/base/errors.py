"""Every error this program raises on purpose.

IrerError
├── ConfigError       bad input                     exit 2, HTTP 400
├── ConflictError     not possible in this state    exit 1, HTTP 409
├── NotFoundError     no such run or file           exit 1, HTTP 404
├── ContractError     broken record                 exit 1, HTTP 500
├── ArtifactError     bad or missing HDF5           exit 1, HTTP 422
├── StorageError      a file could not be written   exit 1, HTTP 503
├── BusyError         too much asked for at once    exit 1, HTTP 503
├── DeviceError       no device to compute on       exit 1, HTTP 503
├── ExtensionError    of one's own, broken          exit 1, HTTP 500
├── SimulationFailed  carries its Outcome           exit 1, HTTP 500
└── InfrastructureError  a try that ended through no fault of its candidate   exit 1, HTTP 500
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its dotted name and what is allowed there."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class IrerError(Exception):
    """Base of the tree: a message, the wrong fields if any, an exit code and an HTTP status."""

    exit_code = 1
    http_status = 500

    def __init__(self, message: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors

    def as_json(self) -> dict[str, Any]:
        """Return the error shape that every HTTP route answers with."""
        return {"message": self.message, "errors": [asdict(e) for e in self.errors]}


class ConfigError(IrerError):
    """The input is wrong; nothing was changed."""

    exit_code = 2
    http_status = 400

    @classmethod
    def of_field(cls, field: str, message: str) -> "ConfigError":
        """Make the error for one wrong field."""
        error = FieldError(field, message)
        return cls(str(error), (error,))


class ConflictError(IrerError):
    """The request is well formed but the current state does not allow it."""

    http_status = 409


class NotFoundError(IrerError):
    """There is no such run, figure or file."""

    http_status = 404


class ContractError(IrerError):
    """A record that this program wrote breaks its own contract."""


class ArtifactError(IrerError):
    """A simulation artifact is missing, torn, or not what it says it is."""

    http_status = 422


class StorageError(IrerError):
    """The file system refused a write (full, read-only, no permission)."""

    http_status = 503


class BusyError(IrerError):
    """Too many costly requests at once; ask again."""

    http_status = 503


class DeviceError(IrerError):
    """The device for simulations cannot be used; no job was started."""

    http_status = 503


class ExtensionError(IrerError):
    """An extension cannot be loaded, is not what its kind has to be, or failed."""


class InfrastructureError(IrerError):
    """A try of a job ended by a crash, a time limit or a lost worker; `reason` says which.

    `last_lines` are the last lines that the process wrote.
    """

    def __init__(self, reason: str, message: str, last_lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.last_lines = tuple(last_lines)

    def __reduce__(self) -> tuple[type["InfrastructureError"], tuple[str, str, tuple[str, ...]]]:
        """Pickle with all arguments."""
        return type(self), (self.reason, self.message, self.last_lines)


class SimulationFailed(IrerError):
    """A simulation ended early; `outcome` says how, `last_good_time` when (simulation units)."""

    def __init__(self, outcome: int, last_good_time: float, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.last_good_time = last_good_time
