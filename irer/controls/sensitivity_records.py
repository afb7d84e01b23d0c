"""`hunts/{hunt_id}/sensitivity.json`: the sensitivity of a hunt (docs/controls.md)."""

from typing import Literal

from pydantic import Field, field_validator

from irer.base.checking import Record
from irer.base.records import Comb, Seed, canonical_uuid

CurveName = Literal["reached", "position", "as_good"]
NEED = "sensitivity is that of a complete hunt"  # said of one that is not
MAIN_SHARE = 0.3  # of the search space's volume: the ball that the verdict uses


class Curve(Record):
    """In how many trials something was found, by the height of the lines."""

    found: list[int]  # of the trials, at each height
    share: list[float]
    low: list[float]  # of its 95% interval, Clopper and Pearson
    high: list[float]
    a50: float | None  # the height at which half is found; None: at none of them
    a95: float | None
    a50_interval: tuple[float | None, float | None] = Field(strict=False)
    a95_interval: tuple[float | None, float | None] = Field(strict=False)


class Ball(Record):
    """The curves of lines in a ball around a random point of the search space."""

    volume_share: float = Field(gt=0, le=1)  # of the search space
    mean_runs: float  # of the hunt's runs with a score, how many lie in a ball
    empty: float  # the share of balls without any
    curves: dict[CurveName, Curve]

    @property
    def a95(self) -> float | None:
        """The height of lines that p_position < 0.05 finds in 95% of trials."""
        return self.curves["position"].a95

    @property
    def upper_limit(self) -> float | None:
        """The height above which lines would have improved the best in 95% of trials."""
        return self.curves["as_good"].a95


class Sensitivity(Record):
    """The sensitivity of a hunt to lines in the spectra of its runs."""

    schema_version: Literal[1] = 1
    hunt_id: str
    measure_version: int
    seed: Seed
    comb: Comb | None = None  # the hunt's targets; None: ln p
    statistic: Literal["smallest log_prime_sse of the runs that count"]
    n_runs: int  # with a score and their fields
    n_without_artifact: int  # with a score but without fields
    observed_best: float  # the statistic without injected lines
    p_position: float  # of it, by decoy combs on the same spectra
    n_decoys: int
    line_width: float  # standard deviation, radians per unit length
    n_trials: int  # at each height
    n_rank_decoys: int  # that rank the best of a trial
    heights: list[float]  # in units of the fitted background
    balls: list[Ball]

    _uuid = field_validator("hunt_id")(canonical_uuid)

    @property
    def main(self) -> Ball:
        """The ball that the verdict uses."""
        return min(self.balls, key=lambda ball: abs(ball.volume_share - MAIN_SHARE))
