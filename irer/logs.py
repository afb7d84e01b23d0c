"""Log files of the entry points; everything else only asks for a logger by name."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from irer.errors import StorageError

_MAX_BYTES = 5 * 1024 * 1024
_KEPT_FILES = 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


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
    handler.setFormatter(logging.Formatter(_FORMAT))
    return handler
