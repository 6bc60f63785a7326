"""Frozen graphs and the records drafted for them."""
