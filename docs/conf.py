"""Sphinx: `make docs` builds these pages into docs/_build, every warning an error."""

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from irer import __version__

project = "IRER Control Hub"
release = version = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "images", "**.ipynb_checkpoints"]
nb_execution_mode = "off"  # docs/analysis.ipynb is kept executed; a test executes it anew
default_role = "code"  # docstrings write `name`, as Markdown does
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autoclass_content = "class"
myst_heading_anchors = 3  # links like cluster.md#the-schedulers-ports
html_theme = "furo"
html_favicon = "../static/favicon.svg"
html_title = f"IRER Control Hub {__version__}"
html_last_updated_fmt = ""
html_show_sphinx = False


def _as_written(
    _app: Any, _what: str, _name: str, _obj: Any, _options: Any, lines: list[str]
) -> None:
    """Keep the stars, bars and closing underscores of a docstring outside code, as in (N,)*d."""
    for number, line in enumerate(lines):
        parts = re.split(r"(`[^`]*`)", line)
        plain = [re.sub(r"([*|]|(?<=\w)_\b)", r"\\\1", part) for part in parts[::2]]
        parts[::2] = plain
        lines[number] = "".join(parts)


def setup(app: Any) -> None:
    """Read docstrings as this project writes them."""
    app.connect("autodoc-process-docstring", _as_written, priority=100)  # before napoleon
