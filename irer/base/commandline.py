"""What the command lines have in common."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from irer import __version__
from irer.base.errors import IrerError, StorageError
from irer.base.records import canonical_uuid
from irer.base.uuids import named_uuid
from irer.base.words import nearest

EXIT_CODES = (
    "Exit codes: 0, all of it is done; 1, it is not, or ended before it was, with how to go on; "
    "2, the input is wrong, with what is allowed."
)
_UNKNOWN_FLAG = "unrecognized arguments: "  # argparse's words


class Parser(argparse.ArgumentParser):
    """An argument parser with --version; an error is one line and exit code 2."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description, epilog=EXIT_CODES)
        self.add_argument("--version", action="version", version=__version__)

    def error(self, message: str) -> NoReturn:
        """Print one line and leave."""
        if message.startswith(_UNKNOWN_FLAG):
            flag = message.removeprefix(_UNKNOWN_FLAG).split()[0].partition("=")[0]
            near = nearest(flag, self._option_string_actions)
            message += f"; did you mean {near}?" if near else ""
        self.exit(2, f"{self.prog}: {message}\n")


def run_program(main: Callable[[], int]) -> NoReturn:
    """Run a command line and end the process with its exit code.

    Ctrl-C ends it with one line. A closed pipe, as after `| head`, is no error.
    """
    code: Any = 1
    try:
        try:
            code = main()
        except SystemExit as asked:  # --help, --version, or a flag that is wrong
            code = asked.code
        except KeyboardInterrupt:
            print(f"{Path(sys.argv[0]).name}: interrupted", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            _let_go_of(stream)
    sys.exit(code)


def say(text: str) -> None:
    """Print a result on standard output; a closed pipe is no error."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _let_go_of(sys.stdout)


def _let_go_of(stream: Any) -> None:
    """Send what is still buffered to the null device: Python would complain at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def report_storage_error(job_uuid: str, error: IrerError) -> None:
    """Tell the engine, as the last line on standard output, that a file could not be written.

    The engine then keeps the job and pauses the hunt instead of failing the candidate.
    """
    if isinstance(error, StorageError):
        report = {"job_uuid": job_uuid, "error": "StorageError", "message": error.message}
        print(json.dumps(report), flush=True)


def uuid_argument(text: str) -> str:
    """Accept a canonical UUID, of a job that is to be; for `add_argument(type=...)`."""
    return _argument(text, canonical_uuid)


def named_uuid_argument(text: str) -> str:
    """Accept a UUID or the beginning of one, of a job that there is."""
    return _argument(text, named_uuid)


def existing_folder(text: str) -> str:
    """Accept a folder that there is; for `add_argument(type=...)`."""
    with suppress(RuntimeError, OSError):  # `~name` of nobody; too long; not to be entered
        if text and Path(text).expanduser().is_dir():
            return text
    raise argparse.ArgumentTypeError(f"must be a folder that exists, got {text!r}")


def _argument(text: str, accept: Callable[[str], str]) -> str:
    try:
        return accept(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
