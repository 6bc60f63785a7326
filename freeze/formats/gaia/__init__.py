"""Gaia's ``.history`` files: a chain of transformations that ends, mostly, in a classifier."""

from catalog.archives import HISTORY as ENDING

__all__ = ["ENDING"]
