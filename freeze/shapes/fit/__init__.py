"""Whether the shapes that a node reads fit its operation."""
