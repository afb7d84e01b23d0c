"""Proposals for one generation: a pure function of earlier results, seed and generation.

`gp` is the project's own (irer/search/improvement.py), the others are Optuna's. Nothing is kept
from one call to the next, so a resumed hunt proposes what an uninterrupted one would.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from irer.base.extensions import Ask
from irer.base.records import SAMPLERS as _EXTENSIONS
from irer.base.records import Sampler
from irer.base.seeds import derive_seed, generator
from irer.home.ledger import LedgerRow
from irer.search import study
from irer.search.box import Box, Point
from irer.search.hypervolume import Front
from irer.search.improvement import propose_points

Array = NDArray[np.float64]

SAMPLERS: tuple[Sampler, ...] = _EXTENSIONS.built_in

NEAR_FAILED = 0.01  # of each parameter's range: no run is proposed so near a failed one
_TRIES_PER_PROPOSAL = 20
_STARTUP = 10  # evenly spread runs before a Gaussian process proposes
_FEWEST = 5  # fewer successes among them: spreading goes on
_LEARNED_FROM = 200  # runs; the cost of a process grows with their square
_MOST_BY_PROCESS = 50  # proposals of one generation; the rest comes from `nsga2`


class Again(Point):
    """A point that was run before, proposed on purpose: its next run has another seed."""


def propose(
    n: int,
    *,
    history: Sequence[LedgerRow],
    space: Mapping[str, tuple[float, float]],
    sampler: Sampler,
    seed: int,
    generation: int,
    again: bool = False,
) -> list[Point]:
    """Return `n` points of `space`: none in `history`, none given twice, none near a failed run.

    `history` is in (generation, index) order. With `again` the sampler may propose a point of
    `history` that is worth another seed; else points repeat only where the space is almost used
    up: after 20 tries each without a new one.
    """
    box = Box(space)
    rng = generator("sampler", seed, generation)
    asked = _asked(sampler, n, history, box, seed, generation, rng, again)
    tried = itertools.islice(asked, n * _TRIES_PER_PROPOSAL)
    found = list(itertools.islice(_new(tried, history, box), n))
    missing = n - len(found)
    return found + [box.point(rng.uniform(size=box.dimensions)) for _ in range(missing)]


def _asked(
    sampler: Sampler,
    n: int,
    history: Sequence[LedgerRow],
    box: Box,
    seed: int,
    generation: int,
    rng: np.random.Generator,
    again: bool,
) -> Iterator[Point]:
    """Yield the sampler's suggestions without end."""
    optuna_seed = derive_seed("sampler", seed, generation)
    if sampler not in SAMPLERS:
        extension = _EXTENSIONS[sampler]
        ask: Ask[LedgerRow] = extension.load()
        with extension.named():
            for point in ask(n, history, box.space, optuna_seed):
                yield box.point(box.of_point(dict(point)))
    elif sampler != "gp":
        yield from study.ask(sampler, history, box.space, optuna_seed, n)
    elif _is_starting(history):
        tried = len({row.candidate for row in history})  # repeats skip no element
        yield from _spread(box, tried, derive_seed("sampler", seed))
    else:
        rows = _instructive(history)
        values = np.array([row.objectives or (np.nan, np.nan) for row in rows])
        places = box.of_rows(rows)
        known = {place.tobytes(): row for place, row in zip(places, rows, strict=True)}
        wanted = min(n, _MOST_BY_PROCESS)
        for place in propose_points(places, values, wanted, rng, again=again):
            row = known.get(place.tobytes())
            yield Again(box.params_of(row)) if row and again else box.point(place)
        yield from study.ask("nsga2", history, box.space, optuna_seed, n)


def _is_starting(history: Sequence[LedgerRow]) -> bool:
    tried = len({row.candidate for row in history})
    successes = len({row.candidate for row in history if row.objectives is not None})
    return tried < _STARTUP or successes < _FEWEST


def _spread(box: Box, start: int, seed: int) -> Iterator[Point]:
    """Yield a Sobol' sequence from its element `start` on: even coverage from the first run."""
    sequence = qmc.Sobol(box.dimensions, seed=seed)
    if start:
        sequence.fast_forward(start)
    while True:
        yield box.point(sequence.random(1)[0])


def _instructive(history: Sequence[LedgerRow]) -> list[LedgerRow]:
    """Return at most _LEARNED_FROM runs: up to half from the front, then the newest others."""
    if len(history) <= _LEARNED_FROM:
        return list(history)
    front: Front[LedgerRow] = Front()
    for row in history:
        if row.objectives:
            front.add(row.objectives, row)
    kept = {row.job_uuid for row in front.spread(_LEARNED_FROM // 2)}
    others = [row for row in history if row.job_uuid not in kept]
    newest = {row.job_uuid for row in others[len(kept) - _LEARNED_FROM :]}
    return [row for row in history if row.job_uuid in kept or row.job_uuid in newest]


def _new(points: Iterable[Point], history: Sequence[LedgerRow], box: Box) -> Iterator[Point]:
    """Yield the points that were neither tried nor yielded before and lie near no failed run.

    A point that is to be run `Again` is yielded too, unless a run near it failed since.
    """
    known = {tuple(box.params_of(row).values()) for row in history}
    failed = box.of_rows([row for row in history if row.objectives is None])
    for point in points:
        values = tuple(point.values())
        is_new = isinstance(point, Again) or values not in known
        if not is_new or _is_near(box.of_point(point), failed):
            continue
        known.add(values)
        yield point


def _is_near(place: Array, others: Array) -> bool:
    return bool(np.any(np.max(np.abs(others - place), axis=1, initial=0) < NEAR_FAILED))
