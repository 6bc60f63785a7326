"""What a graph is for: its inputs, likely outputs, layers."""
