"""The table of runs to the target: its cases, run over a pool of processes, and its lines.

Hunts run seed by seed, so that a table that is cut off by `--limit` has the same seeds in every
place; a median is that of the first seeds, without a gap. With `--keep FILE` every hunt that ended
is a line of that file and is not run again.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import product, takewhile
from pathlib import Path

from benchmarks.search_hunts import Case, Outcome
from benchmarks.search_problems import BENCHMARK, DEVELOPMENT, Noise

Run = Callable[[Case], Outcome]
Found = dict[Case, Outcome]


def parser_of(description: str, runs: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all tables have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--problems", help="names, comma between; default all of the set")
    parser.add_argument("--runs", type=int, default=runs, help="after which a hunt gives up")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--development", action="store_true", help="the other set of problems")
    parser.add_argument("--noise", default="0", help="the seed's share in f1; several: 0,0.5,0.7")
    parser.add_argument("--varying", action="store_true", help="more noise on one side of the box")
    parser.add_argument("--workers", type=int, default=1, help="processes, one thread each")
    parser.add_argument("--limit", type=float, default=float("inf"), help="seconds, then stop")
    parser.add_argument("--keep", type=Path, help="file of ended hunts, which are not run again")
    return parser


def table(benchmark: str, given: argparse.Namespace, samplers: Sequence[str], run: Run) -> None:
    """Run the hunts that the command line asks for and print a line for each place."""
    kept = _read(given.keep) if given.keep else {}
    noises = [Noise(float(share), given.varying) for share in given.noise.split(",")]
    names = [p.name for p in (DEVELOPMENT if given.development else BENCHMARK)]
    names = [n for n in names if given.problems is None or n in given.problems.split(",")]
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    cases = [
        Case(problem, noise, sampler, seed, given.runs)
        for seed, noise, problem, sampler in product(seeds, noises, names, samplers)
    ]
    found = {case: kept[case] for case in cases if case in kept}
    for case, told in _ended([c for c in cases if c not in kept], run, given.workers, given.limit):
        found[case] = told
        if given.keep:
            _write(given.keep, case, told)
    for noise, problem, sampler in product(noises, names, samplers):
        of_place = [Case(problem, noise, sampler, seed, given.runs) for seed in seeds]
        done = [found[case] for case in takewhile(found.__contains__, of_place)]
        if done:
            line = {"benchmark": benchmark, "problem": problem, "noise": noise.name}
            print(json.dumps(line | {"sampler": sampler} | medians(done)), flush=True)


def medians(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the figures of a place of the table."""
    median = statistics.median(o.needed for o in outcomes)
    shares = {
        f"at_{n}": round(statistics.median(o.shares[n] for o in outcomes), 3)
        for n in outcomes[0].shares
    }
    return {
        "seeds": len(outcomes),
        "runs_to_target": median if median < float("inf") else None,
        "reached": sum(o.needed < float("inf") for o in outcomes),
        **shares,
        "cpu_ms": round(1000 * statistics.mean(o.seconds for o in outcomes), 1),
    }


def _ended(
    cases: Sequence[Case], run: Run, workers: int, limit: float
) -> Iterator[tuple[Case, Outcome]]:
    """Yield hunts as they end, until `limit` seconds have passed."""
    until = time.monotonic() + limit
    if workers == 1:
        for case in cases:
            if time.monotonic() > until:
                return
            yield case, run(case)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:  # its end ends the processes
        told = pool.imap_unordered(partial(_told, run), cases)
        for _ in cases:
            left = until - time.monotonic()
            try:
                case, ended = told.next(timeout=None if left == float("inf") else max(left, 0))
            except multiprocessing.TimeoutError:
                return
            if isinstance(ended, Outcome):
                yield case, ended
            else:
                print(f"{case}: {ended}", file=sys.stderr, flush=True)


def _told(run: Run, case: Case) -> tuple[Case, Outcome | str]:
    """Run a hunt; one that breaks off is told of and ends no other."""
    try:
        return case, run(case)
    except Exception as error:
        return case, f"{type(error).__name__}: {error}"


def _write(path: Path, case: Case, told: Outcome) -> None:
    with path.open("a") as file:
        file.write(json.dumps({"case": asdict(case), "outcome": asdict(told)}) + "\n")


def _read(path: Path) -> Found:
    """Return the hunts of a file; a last line that was torn is cut off."""
    text = path.read_text() if path.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole)
    found: Found = {}
    for line in map(json.loads, whole.splitlines()):
        noise = Noise(**line["case"].pop("noise"))
        found[Case(noise=noise, **line["case"])] = Outcome(**line["outcome"])
    return found
