"""Metrics of your own: one module each, whose name is the metric's (docs/howto/metric.md)."""
