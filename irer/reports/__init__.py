"""Pictures, tables and what the analyses of a run share."""
