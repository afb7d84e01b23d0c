"""The final result of a hunt: its best run with the verdict, or that no run succeeded."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from irer.base.checking import Record
from irer.base.fitness import fitness, scientific_verdict
from irer.base.goals import ConfirmationOutcome, NullKind
from irer.base.hunt_records import Recommended, VarianceShare
from irer.base.models import Model
from irer.base.records import Metrics, Provenance, Seed, SimulationOptions, SncglParams


class Verdict(Record):
    """The verdict on a run, in the words of docs/controls.md; None means not known."""

    scientific: Literal["reached", "confirmed", "not reached"]
    engineering: str | None = None
    engineering_passed: bool | None = None
    confirmation: ConfirmationOutcome | None = None
    p_position: float | None = None  # of the confirmation's pooled spectrum
    p_matched: float | None = None  # of its replicates; no verdict uses this or p_lines
    p_lines: float | None = None
    p_hunt: float | None = None  # of decoy hunts
    p_flat: float | None = None  # of flat null hunts, the second control
    n_null_hunts: dict[NullKind, int] = Field(default_factory=dict)
    a95: float | None = None  # of the hunt: the height of lines found in 95% of trials
    a_upper_limit: float | None = None  # higher lines would have improved the best in 95% of trials
    missing: list[str] = Field(default_factory=list)  # what is missing for the next word


class BestRun(Record):
    """The best run of a hunt: the final result."""

    job_uuid: str
    hunt_id: str
    generation: int
    index: int
    fitness: float
    log_prime_sse: float
    sdg_h_norm_l2: float
    metrics: Metrics
    sncgl_params: SncglParams
    simulation: SimulationOptions
    model: Model
    global_seed: Seed
    verdict: Verdict
    recommended: Recommended | None = Field(None, description="in the results of ended hunts")
    variance_share: dict[str, VarianceShare] = Field(
        default_factory=dict, description="by objective"
    )


class NoBestRun(Record):
    """What stands in its place while no run has succeeded."""

    error: str


FinalResult = BestRun | NoBestRun
NO_BEST_RUN = NoBestRun(error="No successful runs completed.")


def _tag(found: Any) -> str:
    """Say which of both a result is, so that the errors of a broken one are of that alone."""
    without = isinstance(found, NoBestRun) or (isinstance(found, dict) and "error" in found)
    return "[none]" if without else "[run]"


class KeptResult(Record):
    """`verdict.json`: the final result that is kept of a hunt."""

    schema_version: Literal[1] = 1
    hunt_id: str
    result: Annotated[
        Annotated[BestRun, Tag("[run]")] | Annotated[NoBestRun, Tag("[none]")], Discriminator(_tag)
    ]


def best_run(provenance: Provenance) -> FinalResult:
    """Return a run with a score as a final result, whose verdict knows the run alone."""
    metrics = provenance.metrics
    score = fitness(metrics)
    if metrics is None or score is None:
        return NO_BEST_RUN
    return BestRun(
        job_uuid=provenance.job_uuid,
        hunt_id=provenance.hunt_id,
        generation=provenance.generation,
        index=provenance.index,
        fitness=score,
        log_prime_sse=metrics.log_prime_sse,
        sdg_h_norm_l2=metrics.sdg_h_norm_l2,
        metrics=metrics,
        sncgl_params=provenance.sncgl_params,
        simulation=provenance.simulation,
        model=provenance.model,
        global_seed=provenance.global_seed,
        verdict=Verdict(scientific=scientific_verdict(metrics)),
    )
