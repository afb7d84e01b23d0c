"""Sphinx: `make docs` builds these pages into docs/_build, every warning an error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from irer import __version__

project = "IRER Control Hub"
release = version = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build", "images"]
myst_heading_anchors = 3  # links like cluster.md#the-schedulers-ports
html_theme = "furo"
html_title = f"IRER Control Hub {__version__}"
html_last_updated_fmt = ""
html_show_sphinx = False
