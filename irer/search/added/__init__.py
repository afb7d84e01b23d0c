"""Samplers of your own: one module each, whose name is the sampler's (docs/howto/sampler.md)."""
