"""How long the sensitivity of a hunt takes, before it is asked for."""

from collections.abc import Sequence
from statistics import median

from irer.home import Home
from irer.home.provenance import read_provenance

# CPU seconds by benchmarks/sensitivity.py: reading and scoring a run is a part of its validation,
# which has two nulls and the constraints besides; the spectra of its trials know no grid.
_READ_SHARE = 0.3
_TRIALS_S = 0.3  # a run, all heights and balls together; more in a longer hunt
_VALIDATION_S = 0.2  # where no record says
_ASKED = 9  # records


def estimate_s(home: Home, job_uuids: Sequence[str]) -> float:
    """Return about how many seconds these runs take, from what their validation took here."""
    records = [home.provenance_file(job_uuid) for job_uuid in job_uuids[:_ASKED]]
    known = [read_provenance(path).seconds.validation for path in records if path.exists()]
    seconds = [value for value in known if value is not None] or [_VALIDATION_S]
    return len(job_uuids) * (_READ_SHARE * median(seconds) + _TRIALS_S)
