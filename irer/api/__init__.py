"""What a person uses in Python: the names of `irer` (docs/howto/python.md) and console scripts."""
