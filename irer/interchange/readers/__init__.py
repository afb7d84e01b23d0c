"""One module a kind of file; `open_source` finds which one a file is by its first bytes."""
