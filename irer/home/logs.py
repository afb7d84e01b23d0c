"""Log files of the entry points; everything else only asks for a logger by name."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from irer.base.clock import of_timestamp
from irer.base.errors import StorageError

_MAX_BYTES = 5 * 1024 * 1024
_KEPT_FILES = 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Formatter(logging.Formatter):
    """Writes the time as records have it: UTC with its zone."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Return when the line was written."""
        return of_timestamp(record.created)


def attach_rotating(logger_name: str, path: Path) -> None:
    """Let `logger_name` and its children write to `path` from level INFO on.

    A logger has one such file: asking for the same again changes nothing, asking for another
    closes the former. Raises StorageError when the file cannot be opened.
    """
    logger = logging.getLogger(logger_name)
    for handler in list(logger.handlers):
        if not isinstance(handler, RotatingFileHandler):
            continue
        if Path(handler.baseFilename) == path.absolute():
            return
        logger.removeHandler(handler)
        handler.close()
    logger.addHandler(_open(path))
    logger.setLevel(logging.INFO)


def _open(path: Path) -> RotatingFileHandler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
        )
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    handler.setFormatter(_Formatter(_FORMAT))
    return handler


def lines_about(path: Path, text: str) -> Iterator[str]:
    """Yield the lines of a rotating log that hold `text`, oldest first, without line ends."""
    wanted = text.encode()
    for number in range(_KEPT_FILES, -1, -1):
        part = path.with_name(f"{path.name}.{number}") if number else path
        with suppress(FileNotFoundError), part.open("rb") as file:
            for line in file:
                if wanted in line:
                    yield line.decode(errors="replace").rstrip("\r\n")


def tail(path: Path, most: int) -> str:
    """Return the last whole lines of a log, at most `most` bytes; nothing without a file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most))
            data = file.read(most)
    except FileNotFoundError:
        return ""
    return (data.partition(b"\n")[2] if size > most else data).decode(errors="replace")
