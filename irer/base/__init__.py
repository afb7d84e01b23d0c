"""What every other room stands on: errors, checking, files, seeds, records, jobs."""
