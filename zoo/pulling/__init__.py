"""Models and further catalogs from elsewhere into the store."""
