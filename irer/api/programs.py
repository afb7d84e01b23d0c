"""The console scripts of an installed copy; each runs the program of the same name at the root.

`irer-hub` is `python app.py`, `irer-hunt` is `python core_engine.py`, `irer-score FILE` is
`python validation_pipeline.py --field FILE`. Arguments and exit codes are theirs.
"""

from typing import NoReturn

from irer.base.commandline import run_program


def hub() -> NoReturn:
    """Serve the hub."""
    from app import main

    run_program(main)


def hunt() -> NoReturn:
    """Run a hunt without the hub, or one of its controls."""
    from core_engine import main

    run_program(main)


def score() -> NoReturn:
    """Score a density that lies in a file."""
    from irer.api.score_file import main

    run_program(main)
