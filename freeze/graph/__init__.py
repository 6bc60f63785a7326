"""Building, walking, pruning, cutting and rewriting graphs."""
