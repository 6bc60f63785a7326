"""From labelled embeddings or descriptors to a frozen graph, with its report."""
