"""Runners of your own: one module each, named as it is asked for (docs/howto/runner.md)."""
