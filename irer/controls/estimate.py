"""How long measuring the sensitivity of a hunt will take."""

from collections.abc import Sequence
from statistics import median

from irer.home import Home
from irer.home.provenance import read_provenance

# CPU seconds by benchmarks/sensitivity.py. Reading and scoring a run is a part of its validation,
# which also has two nulls and the constraints. The cost of trials does not depend on the grid.
_READ_SHARE = 0.3
_TRIALS_S = 0.3  # for a run, all heights and balls together; more in a longer hunt
_VALIDATION_S = 0.2  # where no record has a time
_ASKED = 9  # records that are read


def estimate_s(home: Home, job_uuids: Sequence[str]) -> float:
    """Return about how many seconds these runs take, from the time of their validation here."""
    records = [home.provenance_file(job_uuid) for job_uuid in job_uuids[:_ASKED]]
    known = [read_provenance(path).seconds.validation for path in records if path.exists()]
    seconds = [value for value in known if value is not None] or [_VALIDATION_S]
    return len(job_uuids) * (_READ_SHARE * median(seconds) + _TRIALS_S)
