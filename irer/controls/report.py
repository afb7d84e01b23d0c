"""The report on a confirmation as one page to read, its pictures inside it."""

import base64
from typing import Any, Protocol

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from irer import __version__
from irer.base.files import write_text
from irer.base.goals import GOALS, GROUP_NAMES
from irer.base.records import Provenance
from irer.controls.records import ConfirmationReport, Group
from irer.home import Home
from irer.home.artifacts import Artifact
from irer.reports.pictures import field_png, field_values, replicates_png, spectrum_png
from irer.validation import fidelity_of, targets_of
from settings import RESOURCES


class Confirmed(Protocol):
    """A run and its replicates, as the page needs them."""

    record: Provenance
    home: Home  # of the replicates

    def discovery(self) -> Artifact | None:
        """Read the fields of the run itself, None if they are gone. Raises ArtifactError."""

    def artifact(self, job_uuid: str) -> Artifact:
        """Read the fields of a replicate. Raises ArtifactError."""


def write_page(confirmation: Confirmed, report: ConfirmationReport) -> None:
    """Write `confirmation.html` into the confirmation's home. Raises StorageError."""
    environment = Environment(
        loader=FileSystemLoader(RESOURCES / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    page = environment.get_template("confirmation.html").render(
        report=report,
        names=GROUP_NAMES,
        metrics=tuple(GOALS),
        goals=GOALS,
        params=confirmation.record.sncgl_params.model_dump(),
        model=confirmation.record.model,
        pictures=_pictures(confirmation, report),
        version=__version__,
    )
    write_text(confirmation.home.confirmation_page, page)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _pictures(confirmation: Confirmed, report: ConfirmationReport) -> list[dict[str, str]]:
    """Return the pictures, each a caption and a data address."""
    shown = [
        _picture(
            f"{metric} of every run, by setting; the bar is the median",
            replicates_png(
                {GROUP_NAMES[group.name]: _measured(group, metric) for group in report.groups},
                discovery=getattr(report.discovery.metrics, metric),
                goal=GOALS[metric],
                title=metric,
            ),
        )
        for metric in GOALS
    ]
    found = confirmation.discovery()
    if found is not None:
        shown += _spectrum("Discovery: its own spectrum", [found])
    own = _complete(confirmation, report.group("own_settings"))
    if own:
        shown += _spectrum("Confirmation: pooled spectrum of the fresh seeds", own)
    if found is not None:
        shown.append(_density("Discovery: density at the end", found))
    for group in report.groups:
        for artifact in _complete(confirmation, group)[:1]:
            shown.append(_density(f"{GROUP_NAMES[group.name]}: density of its first run", artifact))
    return shown


def _complete(confirmation: Confirmed, group: Group) -> list[Artifact]:
    return [confirmation.artifact(run.job_uuid) for run in group.runs if run.metrics]


def _measured(group: Group, metric: str) -> list[float]:
    return [getattr(run.metrics, metric) for run in group.runs if run.metrics]


def _spectrum(caption: str, artifacts: list[Artifact]) -> list[dict[str, str]]:
    """Return the picture of a pooled spectrum; none for a density without contrast."""
    rho = np.concatenate([artifact.snapshot_rho for artifact in artifacts])
    job = artifacts[0].job
    comb = targets_of(job.comb)
    fidelity = fidelity_of(rho, job.simulation, comb=comb)
    if fidelity.spectrum is None:
        return []
    data = spectrum_png(
        fidelity.spectrum, fidelity.peaks, fidelity.matches, comb=comb, title=caption
    )
    return [_picture(f"{caption}, log_prime_sse = {fidelity.sse:.4g}", data)]


def _density(caption: str, artifact: Artifact) -> dict[str, str]:
    options, kappa = artifact.job.simulation, artifact.job.sncgl_params.kappa
    values = field_values("density", artifact.psi, artifact.u, options.box_length, kappa)
    return _picture(caption, field_png("density", values, options.box_length))


def _picture(caption: str, data: bytes) -> dict[str, Any]:
    address = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    return {"caption": caption, "address": address}
