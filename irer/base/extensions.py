"""What an extension is: five kinds, and what an object of each has to be.

An extension is found by its name, and loaded when it is used:

- in any installed package, as an entry point of the kind's group: its `pyproject.toml` says
  `[project.entry-points."irer.samplers"]` and `around_best = "my_package.around_best:ask"`;
- in the folder of its kind, as a module: `irer/search/added/around_best.py` with a function `ask`.

A component is a folder with a manifest (`irer/components/manifest.py`): below `components/`, or
that of a package, which its entry point names without an object. docs/howto has a page for each
kind; `irer/base/discovery.py` finds and loads them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Grid = TypeVar("Grid", contravariant=True)
Made = TypeVar("Made", covariant=True)
Artifact = TypeVar("Artifact", contravariant=True)
Row = TypeVar("Row", contravariant=True)
Settings = TypeVar("Settings", contravariant=True)


class MakeEquation(Protocol[Grid, Made]):
    """Makes an equation: an `irer.physics.equations.Equation` for an `irer.spectral.grid.Grid`.

    A class of equations is one. Its module may declare the space that is searched, as a literal
    `SPACE = {"epsilon": (0.1, 1.0)}`.
    """

    def __call__(self, grid: Grid, /) -> Made:
        """Return the equation on this grid."""


class Measure(Protocol[Artifact]):
    """A metric: measures a whole run, given as an `irer.home.artifacts.Artifact`."""

    def __call__(self, artifact: Artifact, /) -> float | None:
        """Return a finite number, None where there is nothing to measure."""


class Ask(Protocol[Row]):
    """A sampler: proposes points of the search space.

    It uses no other state than its arguments, so that a resumed hunt proposes what an
    uninterrupted one would.
    """

    def __call__(
        self,
        n: int,
        history: Sequence[Row],
        space: Mapping[str, tuple[float, float]],
        seed: int,
        /,
    ) -> Iterable[Mapping[str, float]]:
        """Return points that name every parameter of `space`; `n` are wanted, more may be asked.

        `history` has the rows of earlier runs (`irer.home.ledger.LedgerRow`) in the order in which
        they were proposed.
        """


class MakeRunner(Protocol[Settings, Made]):
    """Makes an `irer.runners.runner.Runner` from `settings.Settings`. Its class may be one."""

    def __call__(self, settings: Settings, /) -> Made:
        """Return a runner that is ready for jobs."""


P = TypeVar("P")


@dataclass(frozen=True)
class Kind(Generic[P]):
    """One kind of extension; what its entry points name is a `P`."""

    name: str
    group: str  # of the entry points
    call: Callable[..., Any] | None = None  # how `P` is called; None: it is a package
    folder: str = ""  # of modules, as a package of this program
    attribute: str = ""  # that such a module has


EQUATION: Kind[MakeEquation[Any, Any]] = Kind(
    "equation",
    "irer.equations",
    MakeEquation.__call__,
    "irer.physics.equations.added",
    "equation",
)
METRIC: Kind[Measure[Any]] = Kind(
    "metric", "irer.metrics", Measure.__call__, "irer.validation.added", "measure"
)
SAMPLER: Kind[Ask[Any]] = Kind("sampler", "irer.samplers", Ask.__call__, "irer.search.added", "ask")
RUNNER: Kind[MakeRunner[Any, Any]] = Kind(
    "runner", "irer.runners", MakeRunner.__call__, "irer.runners.added", "make"
)
COMPONENT: Kind[Any] = Kind("component", "irer.components")
