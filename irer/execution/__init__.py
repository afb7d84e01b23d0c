"""How jobs are run: processes and their limits, runners, and what a hunt's caller sees of it."""
