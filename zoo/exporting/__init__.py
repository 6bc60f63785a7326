"""Networks in other formats, kept only if they compute the same."""
