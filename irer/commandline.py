"""What the command lines have in common."""

import argparse
from typing import NoReturn

from irer import __version__
from irer.records import canonical_uuid


class Parser(argparse.ArgumentParser):
    """An argument parser with --version that says what is wrong in one line, exit code 2."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description)
        self.add_argument("--version", action="version", version=__version__)

    def error(self, message: str) -> NoReturn:
        """Print one line and leave."""
        self.exit(2, f"{self.prog}: {message}\n")


def uuid_argument(text: str) -> str:
    """Accept a canonical UUID; for `add_argument(type=...)`."""
    try:
        return canonical_uuid(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
