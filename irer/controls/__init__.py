"""Is a hunt's best run real? Null hunts, the confirmation of a winner, and the verdict."""
