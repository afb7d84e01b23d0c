"""What the command lines have in common."""

import argparse
import json
from typing import NoReturn

from irer import __version__
from irer.errors import IrerError, StorageError
from irer.records import canonical_uuid


class Parser(argparse.ArgumentParser):
    """An argument parser with --version that says what is wrong in one line, exit code 2."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description)
        self.add_argument("--version", action="version", version=__version__)

    def error(self, message: str) -> NoReturn:
        """Print one line and leave."""
        self.exit(2, f"{self.prog}: {message}\n")


def report_storage_error(job_uuid: str, error: IrerError) -> None:
    """Tell the engine, as the last line on standard output, that a file could not be written.

    It then keeps the job and pauses, instead of taking the candidate for a failure.
    """
    if isinstance(error, StorageError):
        report = {"job_uuid": job_uuid, "error": "StorageError", "message": error.message}
        print(json.dumps(report), flush=True)


def uuid_argument(text: str) -> str:
    """Accept a canonical UUID; for `add_argument(type=...)`."""
    try:
        return canonical_uuid(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
