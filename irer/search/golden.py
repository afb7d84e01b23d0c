"""`golden_parameters.json`: the parameters of the best run, for whoever builds on them."""

from collections.abc import Mapping
from typing import Any


def golden(
    best: Mapping[str, Any], seed_to_seed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the golden parameters of a final result.

    `seed_to_seed` is how each metric scatters over fresh seeds at the run's own settings, known
    once a confirmation of it has ended.
    """
    kept = {name: best[name] for name in ("job_uuid", "sncgl_params", "metrics")}
    return kept | ({"seed_to_seed": dict(seed_to_seed)} if seed_to_seed else {})
