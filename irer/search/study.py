"""Optuna's samplers, asked through a study that exists for one call only."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseGASampler,
    BaseSampler,
    NSGAIIISampler,
    NSGAIISampler,
    RandomSampler,
    TPESampler,
)
from optuna.samplers.nsgaii import UniformCrossover
from optuna.trial import FrozenTrial, TrialState, create_trial

from irer.base.fitness import is_pareto
from irer.base.records import Sampler
from irer.home.ledger import LedgerRow
from irer.search.hypervolume import evenly

Space = dict[str, tuple[float, float]]
Point = dict[str, float]

_FEWEST_PARENTS = 20  # a small generation takes parents of several generations
_GENETIC: dict[Sampler, type[BaseGASampler]] = {"nsga2": NSGAIISampler, "nsga3": NSGAIIISampler}

optuna.logging.set_verbosity(optuna.logging.WARNING)


def ask(
    sampler: Sampler, history: Sequence[LedgerRow], space: Space, seed: int, population_size: int
) -> Iterator[Point]:
    """Yield points one by one; their trials stay open, which TPE's constant liar counts as bad."""
    distributions = {name: FloatDistribution(low, high) for name, (low, high) in space.items()}
    parents = max(population_size, _FEWEST_PARENTS)
    if sampler in _GENETIC:
        history = _elite(history, parents)
        # With fewer parents than it is told to expect, Optuna draws at random.
        parents = max(2, min(parents, len(history)))
    study = optuna.create_study(
        directions=["minimize", "minimize"], sampler=_make_sampler(sampler, seed, parents)
    )
    key = _GENETIC[sampler]._get_generation_key() if sampler in _GENETIC else None
    study.add_trials([_trial(row, distributions, key) for row in history])
    while True:
        yield study.ask(dict(distributions)).params


def _elite(history: Sequence[LedgerRow], wanted: int) -> list[LedgerRow]:
    """Return the runs that can become parents: whole fronts, the best first, until `wanted`.

    A genetic sampler sorts all runs it is given and keeps `wanted` of them; further runs would
    cost time and change nothing. From a larger front `wanted` runs are taken, evenly.
    """
    scored = [(row, pair) for row in history if (pair := row.objectives) is not None]
    points = np.array([pair for _, pair in scored], dtype=float).reshape(-1, 2)
    left, chosen = np.arange(len(scored)), list[int]()
    while len(left) and len(chosen) < wanted:
        best = is_pareto(points[left])
        front = left[best][np.lexsort(points[left[best]].T)]
        chosen += front[evenly(len(front), wanted)].tolist()
        left = left[~best]
    return [scored[i][0] for i in sorted(chosen)]


def _make_sampler(name: Sampler, seed: int, parents: int) -> BaseSampler:
    if name == "tpe":
        return TPESampler(seed=seed, multivariate=True, constant_liar=True)
    # Uniform crossover, and mutation that draws a gene anew with probability 1/d, are Optuna's
    # stable ones; SBX, BLX-alpha and polynomial mutation were no better (docs/searching.md).
    if name == "nsga2":
        return NSGAIISampler(seed=seed, population_size=parents, crossover=UniformCrossover())
    if name == "nsga3":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)  # its interface may change
            return NSGAIIISampler(seed=seed, population_size=parents, crossover=UniformCrossover())
    return RandomSampler(seed=seed)


def _trial(
    row: LedgerRow, distributions: dict[str, FloatDistribution], generation_key: str | None
) -> FrozenTrial:
    """Return a row as a finished trial; a run without a score is a FAIL, never a number.

    To a genetic sampler the whole history is generation 0, so parents are the elite of all runs.
    That is elitist selection, without a walk back through all generations, which would grow with
    the hunt. Without the attribute `generation_key` the sampler would ignore the runs.
    """
    measured = row.objectives
    return create_trial(
        state=TrialState.FAIL if measured is None else TrialState.COMPLETE,
        params={name: getattr(row.params, name) for name in distributions},
        distributions=dict(distributions),
        values=measured,
        system_attrs={generation_key: 0} if measured and generation_key else {},
    )
