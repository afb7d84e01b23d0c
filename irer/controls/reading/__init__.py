"""The reading of a hunt: one sentence, findings with their evidence, and what to do next.

`hunts/{hunt_id}/reading.json` is made from the ledger, the hunt's plan and the files of its
controls. The words are templates filled with numbers and never say more than the verdict. Each
rule is a pure function of `HuntFacts`.
"""

from irer.controls.reading.facts import HuntFacts, facts_of
from irer.controls.reading.making import (
    kept_or_made,
    make_reading,
    read_reading,
    reading_of,
    renew_reading,
)
from irer.controls.reading.reading_records import Action, Evidence, Finding, Gauge, Reading

__all__ = [
    "Action",
    "Evidence",
    "Finding",
    "Gauge",
    "HuntFacts",
    "Reading",
    "facts_of",
    "kept_or_made",
    "make_reading",
    "read_reading",
    "reading_of",
    "renew_reading",
]
