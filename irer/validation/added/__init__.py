"""Metrics of your own: one module each, named as it stands in the record (docs/howto/metric.md)."""
