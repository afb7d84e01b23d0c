"""The hunter: asks a sampler for parameters, keeps the ledger, knows the best run.

Proposals depend only on the ledger's rows of earlier generations, the seed and the generation,
so a hunt that was interrupted and resumed proposes what an uninterrupted one would have.
"""

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import settings as settings_module
from irer.base.commandline import Parser, existing_folder, run_program, say
from irer.base.errors import ConfigError, ContractError, IrerError, NotFoundError
from irer.base.files import write_bytes
from irer.base.fitness import fitness
from irer.base.gc_pause import collector_paused
from irer.base.hunt_records import HuntPlan
from irer.base.models import DEFAULT_MODEL, Model
from irer.base.records import (
    Provenance,
    Sampler,
    SimulationOptions,
    SncglParams,
    canonical_uuid,
)
from irer.base.results import NO_BEST_RUN, FinalResult, Verdict, best_run
from irer.home import Home
from irer.home.home_ledger import rows_of_home
from irer.home.homelock import hold_home
from irer.home.ledger import LedgerRow, mend, read_rows, rewrite
from irer.home.open_rows import OpenRows
from irer.home.paths import record_name
from irer.home.provenance import read_provenance
from irer.search.history import GROWTH, History
from irer.search.listing import describe, rank
from settings import Settings

if TYPE_CHECKING:
    from irer.search.recommendation import Recommendation


class Hunter:
    """Ask and tell for one hunt on one ledger.

    Args:
        ledger_file: the home's ledger; need not exist yet. A torn last row is mended at once.
        search_space: name -> (low, high) of what is searched; default `settings.PARAM_SPACE`.
        fixed_params: the values of all other parameters.
        sampler, seed: how, and from which seed, proposals are drawn.
        hunt_id: the hunt whose best run is wanted; None means the best of the whole ledger.
        model, simulation: only rows of the same equations and options are learned from (None:
            of any options).
        provenance_dir: where the records lie; default the contract's folder beside the ledger.
        open_jobs: jobs of a generation under way, which are learned from when it is whole.
        again: whether the sampler may propose parameters that were run, for another seed.

    Raises ContractError naming the row when the ledger is not what this program writes.
    """

    def __init__(
        self,
        ledger_file: Path | str,
        *,
        search_space: Mapping[str, tuple[float, float]] | None = None,
        fixed_params: SncglParams | None = None,
        sampler: Sampler = "gp",
        seed: int = 0,
        hunt_id: str | None = None,
        model: Model = DEFAULT_MODEL,
        simulation: SimulationOptions | None = None,
        provenance_dir: Path | str | None = None,
        open_jobs: Collection[str] = (),
        again: bool = False,
    ) -> None:
        self.ledger_file = Path(ledger_file)
        self.space = dict(settings_module.PARAM_SPACE if search_space is None else search_space)
        self.fixed = fixed_params or SncglParams()
        fixed = {name: (value, value) for name, value in self.fixed}
        self._bounds = [(name, *bounds) for name, bounds in (fixed | self.space).items()]
        self.sampler: Sampler = sampler
        self.seed = seed
        self.hunt_id = hunt_id
        self._again = again
        self.model = model
        self._simulation_sha256 = simulation.fingerprint() if simulation else None
        self._provenance_dir = Path(provenance_dir or Home(self.ledger_file.parent).provenance_dir)
        self._history = History()
        self._generation = 0
        self._volume, self._grown_in = 0.0, 0
        self._best: LedgerRow | None = None
        self._recorded: set[str] = set()
        self._registered: dict[str, SncglParams] = {}
        self._open = OpenRows(self.ledger_file, open_jobs)
        mend(self.ledger_file, self._find_record)
        with collector_paused():
            for row in read_rows(self.ledger_file):
                if not self._open.hold(row):
                    self._take_in(row)

    @classmethod
    def of_plan(cls, plan: HuntPlan, home: Home) -> "Hunter":
        """Make the hunter that a hunt's plan asks for."""
        return cls(
            home.ledger_file,
            search_space=plan.search_space,
            fixed_params=plan.fixed_params,
            sampler=plan.sampler,
            seed=plan.seed,
            hunt_id=plan.hunt_id,
            model=plan.model,
            simulation=plan.simulation,
            provenance_dir=home.provenance_dir,
            open_jobs=plan.job_uuids,
            again=plan.seeds_per_candidate == 1,
        )

    def get_current_generation(self) -> int:
        """Return the last generation in the ledger, 0 before the first."""
        return self._generation

    def get_next_generation(self, n: int, generation: int | None = None) -> list[dict[str, float]]:
        """Return `n` parameter sets for the next (or the given) generation.

        Each holds every parameter of SncglParams. Asking again gives the same until results
        are recorded.
        """
        from irer.search.samplers import propose  # here: listing runs needs none of its libraries

        if not self.space:  # a hunt of one job
            return [self.fixed.model_dump() for _ in range(n)]
        generation = self._generation + 1 if generation is None else generation
        points = propose(
            n,
            history=[row for row in self._history.rows() if row.generation < generation],
            space=self.space,
            sampler=self.sampler,
            seed=self.seed,
            generation=generation,
            again=self._again,
        )
        return [self.fixed.model_dump() | point for point in points]

    def candidates(self) -> dict[SncglParams, str]:
        """Return the candidate of each set of parameters among the remembered runs."""
        return {row.params: row.candidate for row in self._history.rows()}

    def last_candidate(self) -> LedgerRow | None:
        """Return the last run learned from; None if one of its candidate failed."""
        newest = self._history.newest
        if not newest:
            return None
        group = [row for row in newest if row.candidate == newest[-1].candidate]
        return newest[-1] if all(row.objectives is not None for row in group) else None

    def register_new_jobs(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take note of proposed jobs: `job_uuid` and every parameter by name (more is ignored).

        Raises ContractError for a uuid that is none, was registered, or is in the ledger.
        """
        for row in rows:
            job_uuid = _checked_uuid(row["job_uuid"])
            known = job_uuid in self._recorded or job_uuid in self._open
            if known or job_uuid in self._registered:
                raise ContractError(f"the job {job_uuid} is registered already")
            self._registered[job_uuid] = SncglParams(
                **{name: row[name] for name in SncglParams.model_fields}
            )

    def enter(self, record: Provenance) -> None:
        """Enter a committed job of the generation under way in the ledger, at its place.

        It is learned from with its generation. Raises StorageError; the row then waits for the
        next call, or for `flush`.
        """
        self._open.enter(LedgerRow.of_provenance(record))

    def flush(self) -> None:
        """Enter the rows that still wait. Raises StorageError."""
        self._open.flush()

    def process_generation_results(
        self, provenance_dir: Path | str, job_uuids: Sequence[str]
    ) -> int:
        """Learn from committed jobs in (generation, index) order; return how many were new.

        Jobs that the ledger lacks are entered in it; jobs learned from before are skipped. Raises
        NotFoundError for a job without a record, ContractError for one whose record is broken or
        has other parameters than were registered, StorageError when the ledger cannot be written;
        nothing is learned then.
        """
        new = [_checked_uuid(job) for job in dict.fromkeys(job_uuids) if job not in self._recorded]
        records = [read_provenance(Path(provenance_dir, record_name(job))) for job in new]
        for job_uuid, record in zip(new, records, strict=True):
            self._check_registered(job_uuid, record)
        rows = sorted((LedgerRow.of_provenance(r) for r in records), key=lambda row: row.place)
        self._open.release(rows)
        for row in rows:
            self._registered.pop(row.job_uuid, None)
            self._take_in(row)
        return len(rows)

    def get_best_run(self) -> dict[str, Any]:
        """Return the best run as JSON has it, or {"error": ...} when none succeeded."""
        unknown = Verdict.model_fields.keys() - {"scientific"}  # without the hunt and its controls
        return self.best_run().model_dump(mode="json", exclude={"verdict": unknown})

    def best_run(self, unrecorded: Iterable[Provenance] = ()) -> FinalResult:
        """Return the run of highest fitness as a final result.

        `unrecorded` are committed runs of a generation that is not whole yet. Of equals the first
        proposed wins.
        """
        candidates = [record for record in unrecorded if fitness(record.metrics) is not None]
        if self._best is not None:
            candidates.append(self._record_of(self._best.job_uuid))
        if not candidates:
            return NO_BEST_RUN
        return best_run(max(candidates, key=_record_rank))

    def recommendation(self) -> "Recommendation":
        """Return what the hunt's result says beside its best run.

        From the remembered runs of this hunt (irer/search/recommendation.py).
        """
        from irer.search.recommendation import recommend  # here: listing runs needs no SciPy

        rows = self._history.rows()
        own = [r for r in rows if self.hunt_id in (None, r.hunt_id)]
        return recommend(own, self.space, chosen=self._again)

    @property
    def front(self) -> list[LedgerRow]:
        """The Pareto front of the runs that this hunt learns from, by rising log_prime_sse."""
        return self._history.front

    def spread_front(self, most: int) -> list[LedgerRow]:
        """Return up to `most` runs of the Pareto front, evenly, by rising log_prime_sse."""
        return self._history.spread_front(most)

    @property
    def hypervolume(self) -> float:
        """The hypervolume of the runs that this hunt learns from, in square decades."""
        return self._history.hypervolume

    def stagnation(self, since: int, until: int) -> int:
        """Return how many generations before `until`, back to `since`, passed without growth.

        The hypervolume grows when it exceeds its value at the last growth by 0.1%.
        """
        return until - 1 - max(self._grown_in, since - 1)

    def _take_in(self, row: LedgerRow) -> None:
        self._recorded.add(row.job_uuid)
        self._generation = max(self._generation, row.generation)
        if self._is_ours(row):
            self._history.add(row)
            if self._history.hypervolume > self._volume * (1 + GROWTH):
                self._volume, self._grown_in = self._history.hypervolume, row.generation
        if self.hunt_id in (None, row.hunt_id) and row.fitness is not None:
            self._best = row if self._best is None else max(self._best, row, key=rank)

    def _is_ours(self, row: LedgerRow) -> bool:
        """Say whether a row lies in this hunt's space: same equations, options, fixed values."""
        if row.model != self.model:
            return False
        if self._simulation_sha256 not in (None, row.simulation_sha256):
            return False
        params = row.params
        return all(low <= getattr(params, name) <= high for name, low, high in self._bounds)

    def _check_registered(self, job_uuid: str, record: Provenance) -> None:
        if record.job_uuid != job_uuid:
            raise ContractError(f"{record_name(job_uuid)} holds the job {record.job_uuid}")
        if self._registered.get(job_uuid, record.sncgl_params) != record.sncgl_params:
            raise ContractError(f"the job {job_uuid} ran with other parameters than registered")

    def _record_of(self, job_uuid: str) -> Provenance:
        return read_provenance(self._provenance_dir / record_name(job_uuid))

    def _find_record(self, job_uuid: str) -> Provenance | None:
        try:
            return self._record_of(_checked_uuid(job_uuid))
        except (ContractError, NotFoundError):
            return None


def _checked_uuid(job_uuid: str) -> str:
    try:
        return canonical_uuid(job_uuid)
    except ValueError as error:
        raise ContractError(f"job_uuid: {error}") from error


def _record_rank(record: Provenance) -> tuple[float, int, int]:
    return (
        fitness(record.metrics) or 0.0,
        -record.generation,
        -record.index,
    )


def show(settings: Settings, given: argparse.Namespace) -> str:
    """Return the ledger in a table: counts, best run, Pareto front, newest runs; or all as CSV."""
    if given.format in (None, "table"):
        return describe(settings.home.ledger_file, rows_of_home(settings.home))
    if given.format != "csv":
        raise ConfigError.of_field("--format", "show prints table or csv; export writes the others")
    from irer.home.frame import csv_of, frame_of  # pandas, which the table does not need

    return csv_of(frame_of(rows_of_home(settings.home))).decode().rstrip("\n")


def export(settings: Settings, given: argparse.Namespace) -> str:
    """Write the ledger as an Optuna journal, or as a table in CSV or Parquet; say where."""
    if given.format == "table":
        raise ConfigError.of_field("--format", "export writes csv, parquet or journal")
    if given.format in ("csv", "parquet"):
        return _export_table(settings.home, given)
    return _export_journal(settings, given)


def _export_table(home: Home, given: argparse.Namespace) -> str:
    from irer.home.frame import csv_of, frame_of, parquet_of

    path = Path(given.out) if given.out else home.export_file(given.format)
    frame = frame_of(rows_of_home(home))
    write_bytes(path, csv_of(frame) if given.format == "csv" else parquet_of(frame))
    return f"{path}: {len(frame)} runs, {len(frame.columns)} columns"


def _export_journal(settings: Settings, given: argparse.Namespace) -> str:
    from irer.search.journal import write_journal  # Optuna, which the other commands do not need

    home = settings.home
    path = Path(given.out) if given.out else home.journal_file

    def committed_at(job_uuid: str) -> float:
        record = home.provenance_file(job_uuid)
        return (record if record.exists() else home.ledger_file).stat().st_mtime

    studies = write_journal(rows_of_home(home), path, settings.param_space, committed_at)
    return f"{path}: {studies} studies; look at them with: optuna-dashboard {path}"


def repair(settings: Settings, _: argparse.Namespace) -> str:
    """Rewrite the ledger from the provenance records; the old one stays as .bak."""
    home = settings.home
    with hold_home(home):
        rows = rewrite(home.ledger_file, map(read_provenance, home.provenance_files()))
    return f"{home.ledger_file}: {rows} runs, from {home.provenance_dir}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = Parser("aste_hunter.py", "Look into the ledger, export it, or write it anew.")
    commands: dict[str, Callable[[Settings, argparse.Namespace], str]] = {
        "show": show,
        "export": export,
        "repair": repair,
    }
    parser.add_argument(
        "command",
        choices=commands,
        help="show: counts, best run, Pareto front, newest runs; export: an Optuna journal for "
        "optuna-dashboard, or a table; repair: the ledger anew from the provenance records",
    )
    parser.add_argument(
        "--home",
        type=existing_folder,
        help="the home folder (default: IRER_HOME, else ./irer_home)",
    )
    parser.add_argument(
        "--format",
        choices=("table", "csv", "parquet", "journal"),
        help="of show: table (default) or csv; of export: journal (default), csv or parquet",
    )
    parser.add_argument("--out", help="file of export (default: one in the home)")
    given = parser.parse_args(argv)
    try:
        say(commands[given.command](settings_module.load(home=given.home), given))
    except IrerError as error:
        print(f"aste_hunter.py: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    run_program(main)
