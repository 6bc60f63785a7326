"""What operations read, compute and are told: TensorFlow's signatures without TensorFlow."""
