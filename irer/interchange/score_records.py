"""The record of a field's score, as `--field` prints it and `score_field` returns it."""

from typing import Literal

from pydantic import Field

from irer.base.checking import Record
from irer.base.goals import MEASURE_VERSION


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
