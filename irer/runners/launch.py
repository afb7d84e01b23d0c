"""Run a component's script as if it had been called itself, with this program importable.

    python -m irer.runners.launch SCRIPT [ARGUMENT ...]
Like every process of the engine, the script ends with its starter, and its path holds the folder of
this program. The processes that it starts inherit neither.
"""

import os
import runpy
import sys
from pathlib import Path

from irer.runners.processes import PARENT_VARIABLE, end_with_parent


def main() -> None:
    """Become the script named on the command line."""
    end_with_parent()
    os.environ.pop(PARENT_VARIABLE, None)  # it names our parent, not that of our children
    script, *arguments = sys.argv[1:]
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).parent))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
