"""Walking, pruning, cutting and rewriting graphs."""
