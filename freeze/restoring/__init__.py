"""Networks as TensorFlow restores them, in a process of its own."""
