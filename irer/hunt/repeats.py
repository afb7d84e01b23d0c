"""Which jobs of a generation repeat a candidate under another seed.

With `seeds_per_candidate` = k above 1 every k jobs in a row, over the borders of generations, are
one candidate's. With 1 the sampler itself proposes what is worth another seed. Either way jobs of
equal parameters belong to one candidate, which is named by the first of them.
"""

from collections.abc import Mapping, Sequence

from irer.base.hunt_records import HuntPlan
from irer.base.records import SncglParams

Params = dict[str, float]


def owed(plan: HuntPlan) -> int:
    """Return how many jobs of the plan's generation are left of the candidate before."""
    done = (plan.generation - plan.first_generation) * plan.population_size
    return min(-done % plan.seeds_per_candidate, plan.population_size)


def places(plan: HuntPlan, *, goes_on: bool) -> list[int]:
    """Return for each job of the plan's generation the number of its new candidate.

    The jobs that are owed have number -1 if the candidate before `goes_on`; else, since it failed,
    a new candidate takes them.
    """
    left, k = owed(plan), plan.seeds_per_candidate
    before = [-1 if goes_on else 0] * left
    first = 1 if left and not goes_on else 0
    return before + [first + i // k for i in range(plan.population_size - left)]


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
