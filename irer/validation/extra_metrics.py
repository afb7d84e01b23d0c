"""The metrics that are extensions (`irer/base/extensions.py`): reported, and never a score."""

import math
from collections.abc import Iterator
from numbers import Real

from irer.base.checking import shown
from irer.base.discovery import Extension
from irer.base.errors import ExtensionError
from irer.base.extensions import Measure
from irer.base.records import METRICS
from irer.home.artifacts import Artifact

Metric = tuple[Extension[Measure[Artifact]], Measure[Artifact]]


def loaded_metrics() -> list[Metric]:
    """Import every extra metric. Raises ExtensionError naming one that is broken."""
    return [(extension, extension.load()) for extension in METRICS.all()]


def extra_metrics(metrics: list[Metric], artifact: Artifact) -> dict[str, float | None]:
    """Return what each metric makes of an artifact, by name. Raises ExtensionError."""
    return dict(_measured(metrics, artifact))


def _measured(metrics: list[Metric], artifact: Artifact) -> Iterator[tuple[str, float | None]]:
    for extension, measure in metrics:
        with extension.named():
            value = measure(artifact)
        number = isinstance(value, Real) and math.isfinite(value)
        if value is not None and not number:
            raise ExtensionError(f"{extension} must return a finite number, got {shown(value)}")
        yield extension.name, None if value is None else float(value)
