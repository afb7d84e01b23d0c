"""One hunt: order, options, plan file, control, pausing, dispatch, polishing.

`irer.hunt(...)` runs one from Python (`irer.api.hunting.hunt`). The name is the room's and the
function's, so the room can be called: whichever module was imported first, both work.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A module that runs a hunt when it is called."""

    def __call__(self, *args: Any, **given: Any) -> Any:
        """Run a hunt; see `irer.api.hunting.hunt`, which stands on a higher floor."""
        return import_module("irer.api.hunting").hunt(*args, **given)


sys.modules[__name__].__class__ = _Room
