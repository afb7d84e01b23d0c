"""What the hub knows and does: runs, hunts, status, notes, long activities. No Flask."""
