"""Models that are trained: from labelled files to a graph, its record and its report."""
