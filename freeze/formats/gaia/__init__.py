"""Gaia's ``.history`` files: a chain of transformations that ends, mostly, in a classifier."""
