"""Does the file hold what the record says."""
