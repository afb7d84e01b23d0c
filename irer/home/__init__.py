"""One home folder: its lock, plan, registrations, artifacts, records, logs and ledger."""
