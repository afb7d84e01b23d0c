"""Proposals for one generation: a pure function of earlier results, seed and generation.

Optuna's study lives only as long as one call. It is built from the rows given, with a fresh
sampler seeded for the generation, so a resumed hunt proposes what an uninterrupted one would.
"""

from collections.abc import Iterator, Mapping, Sequence

import optuna
from optuna.distributions import FloatDistribution
from optuna.samplers import BaseSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from irer.records import Sampler
from irer.search.ledger import LedgerRow
from irer.seeds import derive_seed, generator

_GENERATION_ATTRIBUTE = "NSGAIISampler:generation"
_TRIES_PER_PROPOSAL = 20

Space = Mapping[str, tuple[float, float]]
Point = dict[str, float]

optuna.logging.set_verbosity(optuna.logging.WARNING)


def propose(
    n: int,
    *,
    history: Sequence[LedgerRow],
    space: Space,
    sampler: Sampler,
    seed: int,
    generation: int,
    population_size: int,
) -> list[Point]:
    """Return `n` points of `space`, none of them in `history` or given twice.

    `history` is in (generation, index) order. Only a space with hardly a number in it, from
    which no other point comes in 20 tries each, gets repeats.
    """
    distributions = {name: FloatDistribution(low, high) for name, (low, high) in space.items()}
    study = optuna.create_study(
        directions=["minimize", "minimize"],
        sampler=_make_sampler(
            sampler,
            derive_seed("sampler", seed, generation),
            # With fewer parents than asked for, NSGA-II would draw at random once more.
            min(population_size, sum(row.metrics is not None for row in history)),
        ),
    )
    study.add_trials([_trial(row, distributions) for row in history])
    known = {tuple(_coordinates(row, space).values()) for row in history}
    found: list[Point] = []
    for point in _candidates(study, distributions, n * _TRIES_PER_PROPOSAL):
        if tuple(point.values()) not in known:
            known.add(tuple(point.values()))
            found.append(point)
            if len(found) == n:
                return found
    return found + _uniform(space, n - len(found), seed, generation)


def _make_sampler(name: Sampler, seed: int, population_size: int) -> BaseSampler:
    if name == "tpe":
        return TPESampler(seed=seed, multivariate=True, constant_liar=True)
    if name == "nsga2":
        return NSGAIISampler(seed=seed, population_size=max(2, population_size))
    return RandomSampler(seed=seed)


def _trial(row: LedgerRow, distributions: dict[str, FloatDistribution]) -> FrozenTrial:
    """Return a row as a finished trial; a FAILED run is a FAIL, never a number.

    All of the history is NSGA-II's generation 0, so parents are the elite of everything known.
    That is the selection of a hunt that keeps its elite, without walking back through every
    generation, whose depth would grow with the hunt. Without the attribute NSGA-II would not
    count the runs at all and start anew.
    """
    complete = row.metrics is not None
    return create_trial(
        state=TrialState.COMPLETE if complete else TrialState.FAIL,
        params=_coordinates(row, distributions),
        distributions=dict(distributions),
        values=[row.metrics.log_prime_sse, row.metrics.sdg_h_norm_l2] if row.metrics else None,
        system_attrs={_GENERATION_ATTRIBUTE: 0} if complete else {},
    )


def _coordinates(row: LedgerRow, space: Mapping[str, object]) -> Point:
    return {name: getattr(row.params, name) for name in space}


def _candidates(
    study: optuna.Study, distributions: dict[str, FloatDistribution], limit: int
) -> Iterator[Point]:
    """Ask for points one by one; the asked trials stay open, which TPE's liar takes for bad."""
    for _ in range(limit):
        yield study.ask(dict(distributions)).params


def _uniform(space: Space, n: int, seed: int, generation: int) -> list[Point]:
    rng = generator("sampler", seed, generation)
    return [
        {name: float(rng.uniform(low, high)) for name, (low, high) in space.items()}
        for _ in range(n)
    ]
