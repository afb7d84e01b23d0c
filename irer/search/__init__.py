"""How parameters are chosen: samplers, their history, the Pareto front, significance."""
