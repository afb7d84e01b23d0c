"""What type checkers and editors see of `irer`, whose names come with their first use."""

from irer.api.home import OpenHome, open_home
from irer.api.hunting import Hunt, hunt
from irer.api.run import Run
from irer.api.runs import Runs
from irer.api.simulating import simulate
from irer.controls.reading import Reading
from irer.interchange.score import score
from irer.interchange.score_records import FieldScore

__version__: str

__all__ = [
    "FieldScore",
    "Hunt",
    "OpenHome",
    "Reading",
    "Run",
    "Runs",
    "hunt",
    "open_home",
    "score",
    "simulate",
]
