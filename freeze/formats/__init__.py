"""The files that networks and checkpoints come in."""
