"""The rules of a reading, one a module: each takes the facts of a hunt and returns its findings."""

from collections.abc import Callable

from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Finding
from irer.controls.reading.rules.beside_random import better_than_random, unknown_random
from irer.controls.reading.rules.bounds import leaning_on_bounds
from irer.controls.reading.rules.confirming import beyond_confirming, worth_confirming
from irer.controls.reading.rules.failing import failing_region
from irer.controls.reading.rules.parameters import decided_by_parameters, unknown_share
from irer.controls.reading.rules.standing_still import standing_still
from irer.controls.reading.rules.unknown import unknown_chance, unknown_sensitivity
from irer.controls.reading.rules.unscored import runs_without_score

Rule = Callable[[HuntFacts], list[Finding]]

# The weightiest first: what could make a find certain, what spoils the hunt, what is not known
# (what takes least time to find out first).
RULES: tuple[Rule, ...] = (
    worth_confirming,
    runs_without_score,
    leaning_on_bounds,
    failing_region,
    better_than_random,
    decided_by_parameters,
    unknown_sensitivity,
    unknown_random,
    unknown_chance,
    unknown_share,
    standing_still,
    beyond_confirming,
)
