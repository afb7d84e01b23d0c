"""The golden parameters: a hunt's best run for whoever builds on it, `golden_parameters.json`.

Each parameter with its value, unit and meaning; the measured numbers with their spread from seed
to seed; the verdict; the provenance; and the command that repeats the run. Beside the file lie the
run's spectrum and density, as CSV and as PNG. The folder of the hunt keeps all of them; those of
the last hunt also lie at the root of the home.
"""

import csv
import io
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from irer.base.errors import ArtifactError, StorageError
from irer.base.files import remove_file, sha256_of_file, write_bytes, write_json
from irer.base.goals import METRICS
from irer.base.help import HELP
from irer.base.locks import lock_file
from irer.base.record_files import find_record
from irer.base.records import Metrics, Provenance, SncglParams
from irer.base.results import BestRun, FinalResult, Verdict
from irer.controls.files import current_report, read_result
from irer.controls.records import GoldenRun
from irer.controls.reproducing import reproduce_command
from irer.controls.verdict import verdict_on
from irer.home import Home
from irer.home.paths import (
    GOLDEN_DENSITY,
    GOLDEN_DENSITY_PICTURE,
    GOLDEN_FILES,
    GOLDEN_SPECTRUM,
    GOLDEN_SPECTRUM_PICTURE,
)
from irer.home.provenance import read_provenance

if TYPE_CHECKING:
    from irer.home.artifacts import Artifact

_log = logging.getLogger("irer.engine.golden")

_OF_WAVENUMBERS = {"sigma_k", "k0", "source_k", "source_width"}  # others are dimensionless
_SPECTRUM_COLUMNS = ("k", "power", "background", "noise", "excess")


def write_golden(home: Home, best: FinalResult) -> None:
    """Write the golden files of a final result; one without a run leaves the former in place.

    Raises ContractError for a broken record or report, StorageError if a file cannot be
    written.
    """
    if isinstance(best, BestRun):
        with golden_lock(home):
            _write(home, best.job_uuid, at_root=True, judged=best.verdict)


def renew_golden(home: Home, hunt_id: str | None = None) -> None:
    """Write the golden files, of a hunt and at the root, anew after confirmations or null hunts.

    Raises as `write_golden`, and ContractError for a broken verdict.
    """
    golden = home.hunt_golden_file(hunt_id) if hunt_id else home.golden_file
    if not (home.golden_file.exists() or golden.exists()):
        return
    with golden_lock(home):
        at_root, kept = _job_of(home.golden_file), _job_of(golden)
        if kept is not None and kept != at_root:
            _write(home, kept, at_root=False)
        if at_root is not None:
            _write(home, at_root, at_root=True)


def read_golden(file: Path) -> GoldenRun | None:
    """Return whose run golden parameters are of, None without the file. Raises ContractError."""
    return find_record(GoldenRun, file, "the golden parameters")


def _job_of(file: Path) -> str | None:
    """Return the id of the run in a file of golden parameters, None without the file."""
    found = read_golden(file)
    return found.job_uuid if found else None


@contextmanager
def golden_lock(home: Home) -> Iterator[None]:
    """Keep a renewal from restoring a run that a hunt replaces meanwhile."""
    path = home.golden_lock
    try:
        lock = lock_file(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()


def _write(home: Home, job_uuid: str, *, at_root: bool, judged: Verdict | None = None) -> None:
    """Write the files of a run; `judged` is its hunt's verdict where it is not kept yet."""
    record = read_provenance(home.provenance_file(job_uuid))
    made, problem = _make_files(home, record)
    judged = judged or _kept_verdict(home, record.hunt_id)
    golden = _golden(home, record, made, problem, judged)
    files = [home.hunt_golden_file(record.hunt_id), *([home.golden_file] if at_root else [])]
    for file in files:
        for name in GOLDEN_FILES:
            beside = file.with_name(name)
            if name in made:
                write_bytes(beside, made[name])
            else:
                remove_file(beside)  # of an earlier run
        write_json(file, golden)


def _kept_verdict(home: Home, hunt_id: str) -> Verdict | None:
    result = read_result(home, hunt_id)
    return result.verdict if isinstance(result, BestRun) else None


def _golden(
    home: Home,
    record: Provenance,
    files: Collection[str],
    problem: str | None,
    judged: Verdict | None,
) -> dict[str, Any]:
    metrics, params = record.metrics, record.sncgl_params
    assert metrics is not None  # noqa: S101 (a best run is COMPLETE)
    report = current_report(home, record.job_uuid)
    spread = report.group("own_settings").model_dump(mode="json")["spread"] if report else {}
    verdict = verdict_on(record.job_uuid, record.hunt_id, metrics, home)
    if judged:  # what it says of the hunt; of the run it may be older than this
        of_hunt = {name: getattr(judged, name) for name in ("engineering", "engineering_passed")}
        verdict = verdict.model_copy(update=of_hunt)
    provenance = home.provenance_file(record.job_uuid)
    return {
        "schema_version": 1,
        "job_uuid": record.job_uuid,
        "sncgl_params": params.model_dump(mode="json"),
        "metrics": metrics.model_dump(mode="json"),
        "parameters": _parameters(params),
        "measured": _measured(metrics, spread),
        "seed_to_seed": spread or None,
        "verdict": verdict.model_dump(mode="json"),
        "simulation": record.simulation.model_dump(mode="json"),
        "model": record.model,
        "global_seed": record.global_seed,
        "provenance": {
            "hunt_id": record.hunt_id,
            "generation": record.generation,
            "index": record.index,
            "file": provenance.relative_to(home.folder).as_posix(),
            "sha256": sha256_of_file(provenance),
            "config_sha256": record.config_sha256,
            "artifact_sha256": record.artifact_sha256,
            "versions": record.versions,
            "started_at": record.started_at,
            "ended_at": record.ended_at,
        },
        "files": [name for name in GOLDEN_FILES if name in files],
        "artifact_problem": problem,
        "reproduce": reproduce_command(home, record.job_uuid),
    }


def _parameters(params: SncglParams) -> dict[str, dict[str, Any]]:
    described = {}
    for name, value in params.model_dump().items():
        unit = "radians per unit length" if name in _OF_WAVENUMBERS else "dimensionless"
        meaning = HELP[name].text if name in HELP else name  # of a parameter that was added
        described[name] = {"value": value, "unit": unit, "meaning": meaning}
    return described


def _measured(metrics: Metrics, spread: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return both scores, with their spread over the fresh seeds of a confirmation if any."""
    return {
        name: {
            "value": getattr(metrics, name),
            "unit": "dimensionless",
            "seed_to_seed": spread.get(name),
        }
        for name in METRICS
    }


def _make_files(home: Home, record: Provenance) -> tuple[dict[str, bytes], str | None]:
    """Return a run's pictures and tables by name; if its fields are broken, none and why.

    A run whose fields the artifact policy removed has none, and no error.
    """
    from irer.home.artifacts import read_recorded  # HDF5, and Matplotlib below: only where needed

    path = home.artifact_file(record.job_uuid)
    if not path.exists():
        return {}, None
    try:
        return _draw(read_recorded(path, record)), None
    except ArtifactError as error:
        _log.error("golden parameters without pictures: %s", error.message)
        return {}, error.message


def _draw(artifact: "Artifact") -> dict[str, bytes]:
    """Return the files of a run by name; without a spectrum if none can be measured."""
    from irer.reports.pictures import field_png, field_values, spectrum_png
    from irer.validation import fidelity_of, targets_of

    options = artifact.job.simulation
    kappa = artifact.job.sncgl_params.kappa
    density = field_values("density", artifact.psi, artifact.u, options.box_length, kappa)
    made = {
        GOLDEN_DENSITY: _table(None, density),
        GOLDEN_DENSITY_PICTURE: field_png("density", density, options.box_length),
    }
    comb = targets_of(artifact.job.comb)
    found = fidelity_of(artifact.snapshot_rho, options, comb=comb)
    if found.spectrum is not None:
        columns = [getattr(found.spectrum, name) for name in _SPECTRUM_COLUMNS]
        made[GOLDEN_SPECTRUM] = _table(_SPECTRUM_COLUMNS, np.column_stack(columns))
        made[GOLDEN_SPECTRUM_PICTURE] = spectrum_png(
            found.spectrum, found.peaks, found.matches, comb=comb
        )
    return made


def _table(heading: tuple[str, ...] | None, values: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if heading:
        writer.writerow(heading)
    writer.writerows([f"{value:.9g}" for value in row] for row in values)
    return text.getvalue().encode()
