"""Code blocks of the documentation, found by the comment that stands before them."""

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("components/*.md")]
PAGES = [page for page in PAGES if "_build" not in page.parts]
_MARKED = re.compile(r"^<!-- ([a-z]+)(?:: (.+?))? -->\n```(\w+)\n(.*?)^```$", re.M | re.S)
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "irer_home", "_build", "*.pyc.*", ".*_cache", ".hypothesis", "vendor"
)


@dataclass(frozen=True)
class Block:
    """One block: what its comment says, its language, its text."""

    kind: str  # runnable, new, diff
    about: str  # for runnable: hub, or nothing; else the file
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the marked blocks of a page, in order."""
    return [Block(k, a or "", lang, text) for k, a, lang, text in _MARKED.findall(page.read_text())]


def copy_of_the_program(place: Path) -> Path:
    """Copy the program, with `.venv` pointing at the environment that runs the tests.

    What Python has compiled comes along: it is valid for a copy of the same age and size.
    """
    shutil.copytree(ROOT, place, ignore=_LEFT_OUT)
    (place / ".venv").symlink_to(sys.prefix)
    return place
