"""Training on the descriptors of Essentia's extractor, as Gaia does it."""
