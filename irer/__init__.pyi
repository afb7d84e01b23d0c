"""What type checkers and editors see of `irer`, whose names come with their first use."""

from irer.api.home import OpenHome, open_home
from irer.api.hunting import Hunt, hunt
from irer.api.run import Run
from irer.api.runs import Runs
from irer.api.scoring import score
from irer.api.simulating import simulate

__version__: str

__all__ = ["Hunt", "OpenHome", "Run", "Runs", "hunt", "open_home", "score", "simulate"]
