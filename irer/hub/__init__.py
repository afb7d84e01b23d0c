"""What the hub knows: runs, hunts, status, notes, and what it does for a long time. No Flask."""
