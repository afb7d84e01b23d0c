"""What all other folders build on: errors, checking, files, seeds, records, jobs."""
