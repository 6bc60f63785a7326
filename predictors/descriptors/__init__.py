"""From the descriptors of Essentia's extractor to what a Gaia history says of them."""
