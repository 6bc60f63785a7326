"""A frozen graph into other formats."""
