"""One hunt: its order, its options, its control and its generations."""
