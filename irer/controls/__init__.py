"""Is a hunt's best run real? Null hunts, confirmation, sensitivity and the verdict."""
