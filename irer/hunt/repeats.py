"""Which jobs of a generation repeat a candidate under another seed.

With `seeds_per_candidate` = k above 1 every k jobs in a row, over the borders of generations, are
one candidate's. With 1 the sampler itself proposes what is worth another seed. Either way jobs of
equal parameters belong to one candidate, which is named by the first of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from irer.base.hunt_records import HuntPlan
from irer.base.records import JobConfig, SncglParams
from irer.home.ledger_row import LedgerRow
from irer.home.registry import make_job
from irer.hunt.points import points_of

Params = dict[str, float]


class Proposer(Protocol):
    """The hunter, as far as proposals need it."""

    def get_next_generation(self, n: int, generation: int) -> list[Params]:
        """Return `n` sets of parameters."""

    def last_candidate(self) -> LedgerRow | None:
        """Return the last run learned from; None if one of its candidate failed."""

    def candidates(self) -> dict[SncglParams, str]:
        """Return the candidate of each set of parameters that was run."""


def propose_jobs(
    plan: HuntPlan, ids: Sequence[str], hunter: Proposer, polish: Callable[[int], list[Params]]
) -> list[JobConfig]:
    """Return the jobs of the generation; `polish` gives up to so many of the candidates."""
    again = hunter.last_candidate() if owed(plan) else None
    numbers = places(plan, goes_on=again is not None)
    new = 1 + max(numbers)
    replaced = 1 if owed(plan) and again is None else 0
    given = points_of(plan, begun(plan), new - replaced)
    polished = polish(new - len(given))
    proposals = given + polished
    if len(proposals) < new:
        proposals += hunter.get_next_generation(new, plan.generation)
    origins = ["point"] * len(given) + ["polish"] * len(polished)
    origins += ["search"] * (new - len(origins))
    if again is not None:  # number -1, the last
        proposals = [*proposals[:new], again.params.model_dump()]
        origins.append(again.origin)
    params = [proposals[n] for n in numbers]
    names = candidates_of(params, ids, hunter.candidates())
    return [
        make_job(plan, ids[i], i, params[i], origins[n], candidate=names[i])
        for i, n in enumerate(numbers)
    ]


def begun(plan: HuntPlan) -> int:
    """Return how many candidates have their turn before the plan's generation.

    One that took the jobs of a failed candidate has none of its own.
    """
    done = (plan.generation - plan.first_generation) * plan.population_size
    return -(-done // plan.seeds_per_candidate)


def owed(plan: HuntPlan) -> int:
    """Return how many jobs of the plan's generation are left of the candidate before."""
    done = (plan.generation - plan.first_generation) * plan.population_size
    return min(-done % plan.seeds_per_candidate, plan.population_size)


def places(plan: HuntPlan, *, goes_on: bool) -> list[int]:
    """Return for each job of the plan's generation the number of its new candidate.

    The jobs that are owed have number -1 if the candidate before `goes_on`; else, since it failed,
    one more candidate, the last, takes them.
    """
    left, k = owed(plan), plan.seeds_per_candidate
    n = plan.population_size - left
    return [-1 if goes_on else -(-n // k)] * left + [i // k for i in range(n)]


def candidates_of(
    proposals: Sequence[Mapping[str, float]],
    ids: Sequence[str],
    known: Mapping[SncglParams, str],
) -> list[str]:
    """Return each job's candidate: the one `known` for its parameters, else the first such job."""
    found = dict(known)
    return [
        found.setdefault(SncglParams(**proposal), job_uuid)
        for job_uuid, proposal in zip(ids, proposals, strict=True)
    ]
