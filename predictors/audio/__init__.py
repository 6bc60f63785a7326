"""Audio files and arrays into mono samples at a model's rate."""
