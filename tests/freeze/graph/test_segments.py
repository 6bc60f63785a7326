from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from freeze.formats import graphdef
from freeze.graph.nodes import Nodes
from freeze.graph.segments import Segments, segments
from freeze.network_file import NetworkFile
from freeze.shapes.propagation import infer
from tests.support import lab, separators

SHAPE = (2 * separators.SEGMENT + separators.FRAME, 2)


def cut(graph: Any, *outputs: str) -> Segments | None:
    return segments(graph, outputs or separators.OUTPUTS, "waveform", SHAPE, separators.SEGMENT)


def placeholders(graph: Any) -> set[str]:
    return {node.name for node in graph.node if node.op == "Placeholder"}


@pytest.mark.parametrize("before", [0, separators.FRAME])
def test_a_network_is_cut_where_a_segment_more_is_a_row_more(before: int) -> None:
    graph = separators.segmented(before)
    nodes = graphdef.by_name(graph)
    found = cut(graph)
    assert found is not None
    (heard,), made = found.heard, list(found.made)
    assert nodes[heard].op == "StridedSlice"
    assert {nodes[name].op for name in made} == {"Sigmoid"} and len(made) == 2
    rows = (3, separators.FRAMES, separators.HEARD, 1)
    assert {*found.heard.values(), *found.made.values()} == {rows}


def test_each_part_reads_what_others_make_and_none_is_computed_twice() -> None:
    graph = separators.segmented()
    found = cut(graph)
    assert found is not None
    parts = found.parts()
    assert [placeholders(part) for part in parts] == [
        {"waveform"},
        {*found.heard},
        {"waveform", *found.made},
    ]
    layers = [sum(node.op == "Conv2D" for node in part.node) for part in parts]
    assert layers == [0, 2, 0]
    assert placeholders(graph) == {"waveform"}


def test_a_network_without_layers_or_one_that_hears_more_than_segments_is_not_cut(
    tmp_path: Path,
) -> None:
    plain = NetworkFile(lab.separator(tmp_path, {"vocals": 1, "other": 2})).graph
    assert cut(plain) is None
    graph = separators.segmented()
    layer = next(node for node in graph.node if node.op == "Conv2D")
    heard = layer.input[0]
    net = Nodes("more")
    loudest = net.add("Max", "waveform", net.constant([0, 1]), keep_dims=False)
    layer.input[0] = net.add("Mul", heard, loudest)
    graph.node.extend(net.nodes)
    found = cut(graph)
    assert found is not None and found.heard.keys() == {layer.input[0], heard}
    layer.input[0] = heard
    sigmoid = next(node for node in graph.node if node.op == "Sigmoid")
    sigmoid.input[0] = net.add("Mul", sigmoid.input[0], loudest)
    graph.node.extend(net.nodes[-1:])
    assert cut(graph) is None


def test_the_length_of_every_tensor_follows_from_that_of_the_signal() -> None:
    graph = separators.segmented(separators.FRAME)
    placeholder = graphdef.by_name(graph)["waveform"]
    placeholder.attr["shape"].shape.dim[0].size = 1000
    shapes = infer(graph)
    for each in chain.from_iterable(shapes.values()):
        assert each is not None and None not in each
    assert [shapes[output] for output in separators.OUTPUTS] == [[(1000, 2)]] * 2
