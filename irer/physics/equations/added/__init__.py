"""Equations of your own: one module each, named as its model (docs/howto/equation.md)."""
