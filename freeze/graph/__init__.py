"""Part of audiozoo. Walking, pruning, cutting and rewriting graphs."""
