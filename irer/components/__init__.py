"""Components: programs beside the hub that describe themselves by a manifest.

A component is a folder with a `component_manifest.json` and the script it names: one in the root of
this program, the others under `components/`. They are looked up at every request, so a new one
needs no restart. One with a wrong manifest is listed with its errors and is never run.
`python -m irer.components` checks them, and begins a new one.
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
