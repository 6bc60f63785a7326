"""Trained classifiers as frozen graphs, and what they compute in NumPy."""
