"""How near a network comes to what the processor can compute: products a second."""

from __future__ import annotations

import math
import time
from statistics import median
from typing import Any

import numpy as np

from catalog.index import catalog
from freeze.formats import graphdef
from freeze.shapes.propagation import infer
from predictors.model import Model
from predictors.runtimes import openvino_engine
from tests.bench.essentia import network
from tests.bench.row import Row

SIZE = 1024
"""Rows and columns of the plain product."""
PATCHES = 8


def products(graph: Any, patches: int) -> int:
    """Multiplications in the convolutions and matrix products of a graph for some patches."""
    fed = type(graph)()
    fed.CopyFrom(graph)
    (placeholder,) = (node for node in fed.node if node.op == "Placeholder")
    placeholder.attr["shape"].shape.dim[0].size = patches
    shapes, nodes = infer(fed), graphdef.by_name(fed)
    count = 0
    for node in fed.node:
        if node.op in ("Conv2D", "MatMul"):
            *reads, _ = shapes[node.input[1].split(":")[0]][0] or ()
            if node.op == "MatMul" and node.attr["transpose_b"].b:
                reads = [shapes[nodes[node.input[1]].name][0][1]]  # type: ignore[index]
            count += math.prod(shapes[node.name][0] or ()) * math.prod(reads)  # type: ignore[arg-type]
    return count


def arithmetic() -> list[Row]:
    """MusiCNN's patches and a plain matrix product by turns, each on one core."""
    from threadpoolctl import threadpool_limits

    path = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if path is None:
        return []
    before, openvino_engine.threads = openvino_engine.threads, 1
    try:
        model = Model(catalog().find("msd-musicnn-1"), path)
        graph = model.graph(model.record.layer("predictions").name)
        run = openvino_engine.openvino(graph, (1, 187, 96))
    finally:
        openvino_engine.threads = before
    patch, square = np.ones((1, 187, 96), np.float32), np.ones((SIZE, SIZE), np.float32)
    out = np.empty_like(square)

    def infer_patches() -> None:
        for _ in range(PATCHES):
            run(patch)

    work = {infer_patches: PATCHES * products(graph.definition, 1)}
    work[lambda: np.matmul(square, square, out=out)] = SIZE**3  # type: ignore[index,assignment]
    rates: list[list[float]] = []
    with threadpool_limits(1):
        for _ in range(8):
            row = []
            for compute, count in work.items():
                start = time.process_time()
                compute()
                row.append(count / (time.process_time() - start))
            rates.append(row)
    reached, plain = (median(column) for column in zip(*rates[1:], strict=True))
    return [
        Row(
            "MusiCNN's patches: time per product, one core",
            "a matrix product in NumPy",
            plain / reached,
            "≤ 1.5",
            f"{reached / 1e9:.0f} of {plain / 1e9:.0f} thousand million products a second; "
            f"{products(graph.definition, 1) / 1e6:.0f} million a patch",
        )
    ]
