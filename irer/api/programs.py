"""The console scripts of an installed copy; each runs the program of the same name at the root.

`irer-hub` is `python app.py`, `irer-hunt` is `python core_engine.py`, `irer-score FILE` is
`python validation_pipeline.py --field FILE`. Arguments and exit codes are theirs.
"""

from typing import NoReturn

from irer.base.commandline import run_program
from irer.base.machine import use_one_thread


def hub() -> NoReturn:
    """Serve the hub."""
    from app import main

    run_program(main)


def hunt() -> NoReturn:
    """Run a hunt without the hub, or one of its controls."""
    from core_engine import main

    run_program(main)


def score() -> NoReturn:
    """Score a field that lies in a file."""
    use_one_thread()  # before anything imports a numerical library
    from irer.interchange.command import main

    run_program(main)
