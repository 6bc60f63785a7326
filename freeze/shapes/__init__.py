"""Shapes of all tensors of a graph, inferred without TensorFlow."""
