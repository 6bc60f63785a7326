"""Audio to activations."""
