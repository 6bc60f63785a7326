"""Part of audiozoo. Samples into the patches that a network reads."""
