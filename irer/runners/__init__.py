"""Where the jobs of a hunt run: processes, warm pools, a cluster."""
