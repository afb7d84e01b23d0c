"""Dead code, and modules that have grown too long: `make check` runs this.

Vulture finds what nothing in the program names. Fields of records are left out: they are used as
JSON by whoever reads it.
"""

import sys
from pathlib import Path

from vulture import Vulture
from vulture.config import make_config

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400
JUDGED = {"function", "method", "class", "property", "import", "unreachable_code"}


def dead_code() -> list[str]:
    """Return a line for each function, method, class or property that nothing names."""
    config = make_config(["--config", str(ROOT / "pyproject.toml")])
    found = Vulture(
        ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"]
    )
    found.scavenge([str(ROOT / path) for path in config["paths"]])
    return [
        f"{item.filename.relative_to(ROOT)}:{item.first_lineno}: {item.message}"
        for item in found.get_unused_code(min_confidence=config["min_confidence"])
        if item.typ in JUDGED
    ]


def long_modules() -> list[str]:
    """Return a line for each module of the program of more than 400 lines."""
    found = ("*.py", "irer/**/*.py", "components/**/*.py", "static/js/*/*.js")
    modules = [path for pattern in found for path in ROOT.glob(pattern)]
    lengths = {path: len(path.read_text().splitlines()) for path in sorted(modules)}
    return [
        f"{path.relative_to(ROOT)}: {length} lines, at most {MOST_LINES}: split it"
        for path, length in lengths.items()
        if length > MOST_LINES
    ]


if __name__ == "__main__":
    problems = [*dead_code(), *long_modules()]
    print("\n".join(problems) or "no dead code, no module over 400 lines")
    sys.exit(bool(problems))
