"""What reading a field would need, held against what the machine has."""

import psutil

from irer.base.errors import ConfigError

_GIB = 2**30


def available() -> int:
    """Return the bytes of memory that can be had without swapping."""
    return int(psutil.virtual_memory().available)


def hold_memory(needed: int, what: str, cure: str = "") -> None:
    """Refuse what needs more memory than is free. Raises ConfigError with both."""
    free = available()
    if needed > free:
        text = f"{what} needs {needed / _GIB:.1f} GiB of memory, {free / _GIB:.1f} GiB are free"
        raise ConfigError.of_field("field", text + (f"; {cure}" if cure else ""))
