"""Part of audiozoo: audio to activations."""
