"""Networks as pictures, for ``zoo inspect --plot``."""
