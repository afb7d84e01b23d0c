"""How parameters are chosen: samplers, the ledger they learn from, and what counts as good."""
