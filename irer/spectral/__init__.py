"""Fourier pseudo-spectral tools: grid, pruned transforms, exponential time stepping."""
