"""Gaia's ``.history`` files: a chain of transformations that ends, mostly, in a classifier."""

ENDING = ".history"
"""How the names of these files end."""
