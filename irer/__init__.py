"""IRER in Python (docs/howto/python.md): `import irer` loads nothing, each name comes at first use.

The programs share the rooms below (docs/layout.md).
"""

from importlib import import_module as _import_module

__version__ = "11.3.0"

_HOMES = {  # name -> the module that it lies in
    "FieldScore": "irer.interchange.score_records",
    "Hunt": "irer.api.hunting",
    "OpenHome": "irer.api.home",
    "Reading": "irer.controls.reading",
    "Run": "irer.api.run",
    "Runs": "irer.api.runs",
    "open_home": "irer.api.home",
    "score": "irer.interchange.score",
    "simulate": "irer.api.simulating",
}
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


def __getattr__(name: str) -> object:
    if name == "hunt":  # the room of that name, which can be called
        return _import_module("irer.hunt")
    if name in _HOMES:
        value: object = getattr(_import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'irer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
