"""Models over files: finding them, asking, keeping the results."""
