"""Pictures, tables, and the common part of the analyses of a run."""
