"""The command that runs a job again, in a home beside the working folder."""

import re
import shlex
import sys
from pathlib import Path

from irer.home import Home
from settings import IS_INSTALLED, SOURCE_ROOT


def reproduce_command(home: Home, job_uuid: str, *, here: bool = False) -> str:
    """Return the command that runs a job again, in another home beside the working folder.

    It takes the job from the home that IRER_HOME names, by default from this home's present path.
    With `here` it is for this machine alone: this home, this program and its Python, a line a step.
    """
    again = Home(Path("again"))
    there = home if here else Home(Path('"$from"'))
    config = str(there.config_file(job_uuid))
    steps = (
        *_first_step(home, here),
        f"export IRER_HOME={again}",
        f"mkdir -p {again.config_dir}",
        f"cp {shlex.quote(config) if here else config} {again.config_dir}/",
        f"{program_command('worker_sncgl_sdg', here=here)} --job_uuid {job_uuid}"
        f" --params {again.config_file(job_uuid)}",
        f"{program_command('validation_pipeline', here=here)} --job_uuid {job_uuid}",
    )
    return ("\n" if here else " && ").join(steps)


def program_command(name: str, *, here: bool) -> str:
    """Return how a program is started: in the folder of the checkout, or of an installed copy."""
    if IS_INSTALLED:
        return f"{shlex.quote(sys.executable)} -m {name}"
    return f"{shlex.quote(sys.executable) if here else '.venv/bin/python'} {name}.py"


def _first_step(home: Home, here: bool) -> tuple[str, ...]:
    """Return the step to the checkout, which an installed copy does without, or to the home."""
    if not here:
        return (_find(home),)
    return () if IS_INSTALLED else (f"cd {shlex.quote(str(SOURCE_ROOT))}",)


def _find(home: Home) -> str:
    """Return the step that finds the home to take the job from, or says what to set."""
    told = "set IRER_HOME to the home that golden_parameters.json lies in"
    return (
        f'from="${{IRER_HOME:-{_in_quotes(home.folder)}}}"'
        f' && {{ test -d "$from" || {{ echo "{told}" >&2; exit 1; }}; }}'
    )


def _in_quotes(path: Path) -> str:
    """Return a path escaped for the shell, between double quotes and inside braces."""
    return re.sub(r'([\\"$`}])', r"\\\1", str(path))
