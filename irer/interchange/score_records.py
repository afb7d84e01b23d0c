"""The record of a field's score, as `--field` prints it and `irer.score` returns it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from irer.base.checking import Record
from irer.base.goals import MEASURE_VERSION
from irer.base.html import paragraph, shown, table
from irer.base.records import Seed
from irer.interchange.options import MOST_NULLS

Precision = Literal["float32", "float64"]


def _slice(value: Any) -> Any:
    if not isinstance(value, slice) or value.step == 0:
        raise ValueError(f"must be a slice of snapshots, as slice(-4, None), got {value!r:.60}")
    return value


class ScoreOptions(Record):
    """How a field is to be read and scored; None stands for what its file says, or the default."""

    box_length: float | None = Field(gt=0, description="finite and above 0")
    dataset: str | None
    dealias: float | None = Field(gt=0, le=1, description="above 0 and at most 1")
    n_null: int = Field(ge=0, le=MOST_NULLS)
    seed: Seed
    kappa: float | None
    precision: Precision | None = Field(description="float32 or float64")
    axes: list[str] | None = Field(description="a list of names of axes")
    dimensions: Literal[2, 3] | None
    sample: int
    channel: int | None
    snapshots: Annotated[Any, BeforeValidator(_slice)]


class Target(Record):
    """One target, k = ln p, and the peak that was assigned to it."""

    prime: int
    k: float  # radians per unit length, as all k below
    resolved: bool  # by the shells that this grid and box have
    found_k: float | None = None
    excess: float | None = None  # standard deviations above the background
    cost: float | None = None  # its share of the score, 0 to 0.25


class Constraint(Record):
    """Norms of the Hamiltonian constraint of the last snapshot; u = ln Omega."""

    kappa: float
    flat: bool  # u was taken for 0
    sdg_h_norm_l2: float
    sdg_h_norm_relative: float
    sdg_h_norm_max: float
    sdg_h_norm_l2_fd: float


TARGET_COLUMNS = ("target", "k", "resolved", "found at", "excess", "cost")
_NUMBERS = (
    "log_prime_sse", "degenerate", "p_position", "p_lines", "p_matched", "log_prime_sse_scaled",
    "log_prime_sse_multi_ray", "floor_limited", "tail_ratio", "under_resolved",
)  # fmt: skip


class FieldScore(Record):
    """What a field was judged as, and the outcome; metrics have the names of a run's record."""

    file: str | None
    layout: str
    dataset: str
    kind: Literal["density", "psi"]
    axes: tuple[str, ...]  # as stored
    stored_shape: tuple[int, ...]
    stored_type: str
    dimensions: int
    N_grid: int
    n_snapshots: int
    box_length: float
    dealias: float
    precision: str
    n_null: int
    seed: int
    measure_version: int = MEASURE_VERSION
    log_prime_sse: float = Field(ge=0, le=2 + 1e-9)
    n_targets_resolved: int
    n_candidates: int
    targets: tuple[Target, ...]
    degenerate: str | None
    p_position: float | None
    p_lines: float | None
    matched_filter: float | None
    p_matched: float | None
    log_prime_sse_scaled: float
    log_prime_scale: float | None
    p_scaled: float | None
    log_prime_sse_multi_ray: float
    floor_limited: bool
    n_floor_limited: int
    floor_k: float | None
    tail_ratio: float | None  # of a psi
    under_resolved: bool | None
    constraint: Constraint | None
    notes: tuple[str, ...]

    @property
    def resolved(self) -> tuple[int, ...]:
        """The primes whose targets the grid resolves."""
        return tuple(target.prime for target in self.targets if target.resolved)

    def heading(self) -> tuple[str, str]:
        """Say what was judged, and how."""
        name = Path(self.file).name if self.file else "array"
        size = " x ".join([str(self.N_grid)] * self.dimensions)
        snapshots = f"{self.n_snapshots} snapshot{'s' if self.n_snapshots > 1 else ''}"
        return (
            f"{name}: {self.dataset} ({self.kind}), {self.layout}, axes {', '.join(self.axes)}",
            f"{snapshots} of {size} points, box length {self.box_length:.6g}, "
            f"dealias {self.dealias:g}, {self.precision}",
        )

    def target_rows(self) -> list[tuple[str, ...]]:
        """Return a row for each target, of the columns TARGET_COLUMNS."""
        rows: list[tuple[str, ...]] = []
        for target in self.targets:
            cells = (target.found_k, target.excess, target.cost)
            found = ("-" if cell is None else f"{cell:.4f}" for cell in cells)
            resolved = "yes" if target.resolved else "no"
            rows.append((f"ln {target.prime}", f"{target.k:.4f}", resolved, *found))
        return rows

    def resolution(self) -> str:
        """Say which targets the grid resolves."""
        names = ", ".join(f"ln {prime}" for prime in self.resolved) or "none"
        return (
            f"the grid resolves {self.n_targets_resolved} of {len(self.targets)} targets: {names}"
        )

    def numbers(self) -> Iterator[tuple[str, object]]:
        """Yield the numbers of the outcome by name, but for those that are missing."""
        values = {name: getattr(self, name) for name in _NUMBERS}
        values |= self.constraint.model_dump() if self.constraint else {}
        yield from ((name, value) for name, value in values.items() if value is not None)

    def _repr_html_(self) -> str:
        head, how = self.heading()
        numbers = ((name, shown(value)) for name, value in self.numbers())
        notes = (paragraph(f"note: {note}") for note in self.notes)
        outcome = table(f"{head}; {how}", ("", ""), numbers)
        targets = table(self.resolution(), TARGET_COLUMNS, self.target_rows())
        return "".join((outcome, targets, *notes))
