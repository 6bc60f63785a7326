"""Part of audiozoo: what exists and where it lies."""
