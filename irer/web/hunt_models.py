"""What the routes answer about hunts to come, and about what a finding has begun."""

from pydantic import Field

from irer.base.checking import Record


class JobTime(Record):
    """The median seconds of a job of a size, and of how many jobs of this home."""

    seconds: float
    runs: int


class HuntTime(Record):
    """How long a hunt will take, in seconds, as far as it is known."""

    jobs: int
    job: JobTime | None = Field(description="of the same size, from the newest hunt of such")
    compiled: bool | None = Field(description="whether its programs are on this machine")
    compile_s: float | None = Field(description="null where compiled, or not known")
    seconds: float | None = Field(description="of the whole hunt, at most its limit of time")


class FindingBegun(Record):
    """What a finding's action has begun: the confirmation of a run, or a component's run."""

    status: str
    job_uuid: str | None = Field(description="the run that is confirmed")
    run_uuid: str | None = Field(description="of the component's run")
