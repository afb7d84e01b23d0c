"""Components: programs beside the hub that describe themselves by a manifest.

A component is a folder with a `component_manifest.json` and the script it names: one in the
root of this program, the others under `components/`. They are looked for anew whenever they are
asked for, so that a new one needs no restart. One whose manifest is wrong is listed with what is
wrong and is never run. `python -m irer.components` checks them, and begins a new one.
"""

from irer.components.calls import Call, make_call, run
from irer.components.registry import (
    MANIFEST_NAME,
    Component,
    Problem,
    Registry,
    find,
    read_component,
)

__all__ = [
    "MANIFEST_NAME",
    "Call",
    "Component",
    "Problem",
    "Registry",
    "find",
    "make_call",
    "read_component",
    "run",
]
