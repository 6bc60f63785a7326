"""Pictures of networks: blocks, their places, and the file."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from catalog.errors import UsageError
from catalog.fields import Layer
from freeze.analysis.candidates import Output
from freeze.analysis.inspection import inspect
from freeze.analysis.summary import Input, LayerSummary, Summary
from zoo.drawing.blocks import blocks_of, folded
from zoo.drawing.diagram import COLOURS, diagram, draw, drawn, marked
from zoo.drawing.layout import GAP, arrange, place


def _layer(name: str, op: str, *inputs: str, width: int = 8, parameters: int = 0) -> LayerSummary:
    kernel = (3, 3, 8, width) if op == "Conv2D" else None
    return LayerSummary(name, op, (None, width), parameters, kernel, inputs)


def _summary(*layers: LayerSummary) -> Summary:
    last = layers[-1]
    outputs = (Output(last.name, last.op, last.shape, "predictions", last.name),)
    inputs = (Input("x", "float32", (None, 8), "input"),)
    parameters = sum(layer.parameters for layer in layers)
    return Summary("frozen-graph", 1, "", inputs, outputs, parameters, {}, layers)


def _told(summary: Summary) -> list[tuple[str, list[str]]]:
    return [(", ".join(block.words), block.inputs) for block in blocks_of(summary)]


def test_a_layer_with_what_finishes_it_is_one_block() -> None:
    summary = _summary(
        _layer("image", "ExpandDims", "x"),
        _layer("conv", "Conv2D", "image", parameters=72),
        _layer("bias", "BiasAdd", "conv", parameters=8),
        _layer("relu", "Relu", "bias"),
        _layer("scale", "Mul", "relu", parameters=8),
        _layer("offset", "Add", "scale", parameters=8),
        _layer("pool", "MaxPool", "offset"),
        _layer("dense", "MatMul", "pool", parameters=64),
        _layer("tags", "Sigmoid", "dense"),
    )
    assert _told(summary) == [
        ("Input", []),
        ("Conv2D 3×3, ReLU, BatchNorm", ["x"]),  # noqa: RUF001
        ("MaxPool", ["conv"]),
        ("Dense, Sigmoid", ["pool"]),
    ]
    assert [block.parameters for block in blocks_of(summary)] == [0, 96, 0, 64]
    assert blocks_of(summary)[-1].purposes == ["predictions"]


def test_what_two_read_is_no_part_of_either() -> None:
    summary = _summary(
        _layer("conv", "Conv2D", "x"),
        _layer("relu", "Relu", "conv"),
        _layer("other", "Conv2D", "conv"),
        _layer("sum", "Add", "relu", "other"),
    )
    assert [words for words, _ in _told(summary)][1:] == [
        "Conv2D 3×3",  # noqa: RUF001
        "ReLU",
        "Conv2D 3×3",  # noqa: RUF001
        "Add",
    ]


def test_equal_branches_are_folded() -> None:
    branches = [_layer(f"conv{index}", "Conv2D", "x", parameters=9) for index in range(4)]
    summary = _summary(*branches, _layer("concat", "ConcatV2", *(b.name for b in branches)))
    block = blocks_of(summary)[1]
    assert (block.name, block.times) == ("conv0", 4)
    assert blocks_of(summary)[2].inputs == ["conv0"]


def test_equal_stretches_are_folded_with_their_shortcuts() -> None:
    layers, before = [], "x"
    for index in range(5):
        layers.append(_layer(f"conv{index}", "Conv2D", before, parameters=9))
        layers.append(_layer(f"sum{index}", "Add", before, f"conv{index}"))
        before = f"sum{index}"
    layers.append(_layer("pool", "MaxPool", before))
    stretches = folded(blocks_of(_summary(*layers)))
    assert [(len(stretch.blocks), stretch.times) for stretch in stretches] == [
        (1, 1),
        (2, 5),
        (1, 1),
    ]
    assert stretches[1].blocks[1].inputs == ["x", "conv0"]
    assert stretches[2].blocks[0].inputs == ["sum0"]


def test_branches_that_lead_to_no_output_are_left_out() -> None:
    summary = _summary(_layer("aside", "Max", "x"), _layer("dense", "MatMul", "x", parameters=3))
    assert [words for words, _ in _told(summary)] == ["Input", "Dense"]


def test_nothing_overlaps_and_chains_are_straight() -> None:
    inputs = {"a": [], "b": ["a"], "c": ["a"], "d": ["b"], "e": ["c", "d", "a"], "f": ["e"]}
    layout = arrange(dict.fromkeys(inputs, 1.0), inputs)
    places = {item.name: item.x for row in layout.rows for item in row if item.name}
    for row in layout.rows:
        for left, right in pairwise(row):
            assert right.x - left.x >= (left.width + right.width) / 2 + GAP - 1e-9
    assert places["e"] == pytest.approx(places["f"], abs=1e-3)
    ways = {(way[0][1].name, way[-1][1].name): len(way) for way in layout.edges}
    assert ways["a", "e"] == 4  # the edge has a place in each row that it passes


def test_a_long_chain_is_broken_into_columns_and_a_frame_is_not() -> None:
    names = [f"n{index}" for index in range(40)]
    inputs = {name: names[max(index - 1, 0) : index] for index, name in enumerate(names)}
    layout = arrange(dict.fromkeys(names, 1.0), inputs)
    heights = dict.fromkeys(names, 0.5)
    rows = place(layout, heights, {}, ())
    assert max(row.column for row in rows) == 2
    assert max(row.y for row in rows) < 12
    assert {row.column for row in place(layout, heights, {}, names)} == {0}


def _network() -> Summary:
    """A convolution that two branches read, which meet; then the same dense layer thrice."""
    layers = [
        _layer("conv", "Conv2D", "x", parameters=72),
        _layer("left", "MaxPool", "conv"),
        _layer("right", "MatMul", "conv", parameters=64),
        _layer("sum", "Add", "left", "right"),
    ]
    for index in range(3):
        before = layers[-1].name
        layers.append(_layer(f"dense{index}", "MatMul", before, parameters=72))
        layers.append(_layer(f"relu{index}", "Relu", f"dense{index}"))
    return _summary(*layers, _layer("tags", "Softmax", "relu2"))


def _boxes(axes: Any) -> dict[str, tuple[float, float, float]]:
    """Where the boxes of a picture are, by the layer named inside: middle, top, bottom."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for box in (each for each in axes.patches if isinstance(each, FancyBboxPatch)):
        left, top = box.get_x(), box.get_y()
        right, bottom = left + box.get_width(), top + box.get_height()
        for text in axes.texts:
            x, y = text.get_position()
            if left < x < right and top < y < bottom and text.get_color() == "#666666":
                found.setdefault(text.get_text(), []).append(((left + right) / 2, top, bottom))
    return {name: max(boxes, key=lambda box: box[1]) for name, boxes in found.items()}


def test_a_picture_shows_a_box_for_each_block_below_what_it_reads() -> None:
    (axes,) = diagram(_network(), "net").axes
    boxes = _boxes(axes)
    assert sorted(boxes) == ["conv", "dense0", "dense2", "left", "right", "sum", "x"]
    (left, right), (lower, upper) = axes.get_xlim(), axes.get_ylim()
    for middle, top, bottom in boxes.values():
        assert left < middle < right and upper < top < bottom < lower
    for above, below in [("x", "conv"), ("conv", "left"), ("right", "sum"), ("sum", "dense0")]:
        assert boxes[above][2] < boxes[below][1]
    (one, *row), (other, *same) = boxes["left"], boxes["right"]
    assert row == same and abs(one - other) > 1
    assert one + other == pytest.approx(2 * boxes["conv"][0], abs=1e-6)  # it stands between them


def test_arrows_lead_from_the_lower_edge_of_a_block_to_the_upper_edge_of_its_reader() -> None:
    (axes,) = diagram(_network(), "net").axes
    boxes = _boxes(axes)
    edges = {
        (round(x, 6), round(start, 6), round(to, 6), round(end, 6))
        for patch in axes.patches
        if isinstance(patch, FancyArrowPatch)
        for (x, start), *_, (to, end) in [patch._path_original.vertices]
    }
    read = [
        *(("x", "conv"), ("conv", "left"), ("conv", "right"), ("left", "sum"), ("right", "sum")),
        *(("sum", "dense0"), ("dense0", "dense2")),
    ]
    assert edges == {
        tuple(round(each, 6) for each in (boxes[a][0], boxes[a][2], boxes[b][0], boxes[b][1]))
        for a, b in read
    }


def test_equal_layers_have_a_frame_that_says_how_many_they_are() -> None:
    (axes,) = diagram(_network(), "net").axes
    (frame,) = [patch for patch in axes.patches if patch.get_linestyle() == "--"]
    boxes = _boxes(axes)
    within = [
        name
        for name, (middle, top, bottom) in boxes.items()
        if frame.get_x() < middle < frame.get_x() + frame.get_width()
        and frame.get_y() < top < bottom < frame.get_y() + frame.get_height()
    ]
    assert within == ["dense0"]
    assert "× 2" in [text.get_text() for text in axes.texts]  # noqa: RUF001


def test_a_picture_says_its_title_parameters_outputs_and_what_the_colours_mean() -> None:
    (axes,) = diagram(_network(), "my net").axes
    said = [text.get_text() for text in axes.texts]
    assert {"my net", "352 parameters", "predictions"} <= set(said)
    legend = [text for text in said if text in COLOURS]
    assert legend == ["input", "convolution", "dense", "pooling", "other"]


def test_the_layers_of_a_record_are_marked_instead_of_guesses() -> None:
    layers = (
        Layer("tags", purpose="predictions"),
        Layer("relu1", purpose="embeddings"),
        Layer("sum", description="two branches"),
        Layer("nowhere"),
    )
    summary = marked(_network(), layers)
    (axes,) = diagram(summary, "my net").axes
    said = [text.get_text() for text in axes.texts]
    assert {"predictions", "embeddings", "two branches"} <= set(said)
    assert "nowhere" not in said
    assert marked(_network(), ()) == _network()
    assert drawn(summary, ".svg", "my net") == drawn(summary, ".svg", "my net")


def test_names_are_no_formulas(tmp_path: Path) -> None:
    name = "$\\frac{$\n"
    summary = _summary(_layer(name, name, "x"))
    draw(summary, tmp_path / "net.svg", name)
    (axes,) = diagram(summary, name).axes
    assert "\\$\\frac{\\$?" in [text.get_text() for text in axes.texts]


def test_too_many_blocks_are_no_picture(tmp_path: Path) -> None:
    layers = [_layer(f"n{index}", "Conv2D", "x", width=index) for index in range(500)]
    last = _layer("all", "ConcatV2", *(layer.name for layer in layers))
    with pytest.raises(UsageError, match="cannot be drawn"):
        draw(_summary(*layers, last), tmp_path / "net.png", "net")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("model", "blocks"), [("msd-musicnn-1", 24), ("crepe-tiny-1", 14), ("deeptemp_k16", 22)]
)
def test_real_networks_fit_a_page(shared: Path, tmp_path: Path, model: str, blocks: int) -> None:
    import matplotlib.image

    summary = inspect(shared / "models" / f"{model}.pb").summary
    assert len(blocks_of(summary)) == blocks
    draw(summary, tmp_path / "net.png", model)
    height, width, _ = matplotlib.image.imread(tmp_path / "net.png").shape
    assert max(height / 200, width / 200) < 15  # inches
