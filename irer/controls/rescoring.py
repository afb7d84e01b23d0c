"""Rescoring: a home's runs that still have their fields are measured again by today's measure."""

from collections.abc import Callable
from dataclasses import dataclass, field

from irer.base.errors import ArtifactError
from irer.base.files import write_json
from irer.base.goals import MEASURE_VERSION
from irer.base.records import JobConfig, Judgement, Provenance
from irer.controls.kept_hunts import judge_anew
from irer.home import Home
from irer.home.artifacts import Artifact, read_recorded
from irer.home.homelock import hold_home
from irer.home.ledger import read_rows, rewrite
from irer.home.provenance import read_provenance

Judge = Callable[[JobConfig, Artifact], Judgement]
Progress = Callable[[int, int], object]


@dataclass
class Rescoring:
    """The result of rescoring the complete runs of a home."""

    rescored: int = 0
    current: int = 0  # had today's numbers already
    not_rescored: dict[str, str] = field(default_factory=dict)  # job_uuid: why not

    def words(self) -> str:
        """Return a summary line, and a line for each run that could not be measured again."""
        head = (
            f"{self.rescored} runs rescored by version {MEASURE_VERSION} of the measure, "
            f"{self.current} had it, {len(self.not_rescored)} could not be"
        )
        return "\n".join([head, *(f"  {run}: {why}" for run, why in self.not_rescored.items())])


def rescore(home: Home, judge: Judge, progress: Progress) -> Rescoring:
    """Bring the metrics of the home's complete runs up to date; the old numbers stay beside.

    A record keeps its old metrics in `earlier_metrics`; the ledger is written anew from the
    records, the old one kept as `.bak`. Each file is replaced whole, so a rescoring that was ended
    goes on when it is called again. Raises ConflictError while a hub or a hunt holds the home,
    ContractError for a broken record, StorageError if a file cannot be written.
    """
    found = Rescoring()
    with hold_home(home):
        paths = home.provenance_files()
        for n, path in enumerate(paths, start=1):
            record = read_provenance(path)
            if record.metrics and record.metrics.measure_version == MEASURE_VERSION:
                found.current += 1
            elif record.metrics:
                renewed = _renewed(record, home, judge)
                if isinstance(renewed, str):
                    found.not_rescored[record.job_uuid] = renewed
                else:
                    write_json(path, renewed.model_dump(mode="json"))
                    found.rescored += 1
            progress(n, len(paths))
        if found.rescored or _ledger_lags(home, found):
            rewrite(home.ledger_file, map(read_provenance, paths))
            judge_anew(home)
    return found


def _ledger_lags(home: Home, found: Rescoring) -> bool:
    """Say whether an earlier rescoring ended before the ledger was written."""
    rows = read_rows(home.ledger_file)
    versions = [row.metrics.measure_version for row in rows if row.metrics]
    return versions.count(MEASURE_VERSION) < found.current


def _renewed(record: Provenance, home: Home, judge: Judge) -> Provenance | str:
    """Return the record with today's metrics, or why there are none."""
    path = home.artifact_file(record.job_uuid)
    if not path.exists():
        return "its artifact is gone"
    try:
        artifact = read_recorded(path, record)
        judgement = judge(artifact.job, artifact)
    except ArtifactError as error:
        return error.message
    if judgement.error is not None:
        return f"{judgement.error.reason}: {judgement.error.message}"
    return record.model_copy(
        update={
            "metrics": judgement.metrics,
            "extra_metrics": judgement.extra_metrics,
            "earlier_metrics": (*record.earlier_metrics, record.metrics),
        }
    )
