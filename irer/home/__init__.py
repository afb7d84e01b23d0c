"""One home folder: its paths, lock, plan, registrations, artifacts, records, logs and ledger."""

from irer.home.paths import Home, open_home

__all__ = ["Home", "open_home"]
