"""Part of audiozoo: does the file hold what the record says."""
