"""Samples into the patches that a network reads."""
