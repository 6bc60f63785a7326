"""The version of zoo, as ``zoo --version`` prints it and data sets keep it."""

__version__ = "0.2.0"
