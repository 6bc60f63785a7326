"""TensorFlow graphs and checkpoints into clean frozen graphs."""
