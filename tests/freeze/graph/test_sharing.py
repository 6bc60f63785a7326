from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from freeze.formats import graphdef
from freeze.formats.messages import GraphDef
from freeze.graph import locality
from freeze.graph.sharing import Sharing, sharing
from freeze.shapes.propagation import inferred
from tests.support.convolutional import BANDS, FRAMES, NETWORKS, Layers


def cut(graph: Any, hop: int = 5, *outputs: str, patch: tuple[int, int] = (FRAMES, BANDS)) -> Any:
    axis = 1 + patch.index(FRAMES)
    return sharing(graph, outputs or ("tags",), "spectrogram", patch, axis, hop)


@pytest.mark.parametrize(
    ("name", "tensors"),
    [
        ("tones", [(2, 38), (3, 36)]),
        ("residual", [(3, 37)]),
        ("causal", [(6, 37)]),
        ("channels_first", [(0, 36)]),
    ],
)
def test_a_network_is_cut_behind_what_sees_few_frames(
    name: str, tensors: list[tuple[int, int]]
) -> None:
    patch = (BANDS, FRAMES) if name == "channels_first" else (FRAMES, BANDS)
    found = cut(NETWORKS[name](), patch=patch)
    assert [found.inner(tensor) for tensor in found.tensors] == tensors
    assert found.saved > 0


def test_a_smaller_hop_saves_more_and_none_is_saved_where_patches_hardly_overlap() -> None:
    graph = NETWORKS["residual"]()
    saved = [found and found.saved for found in (cut(graph, hop) for hop in (1, 5, 20, 39, 40, 0))]
    assert saved[0] > saved[1] > saved[2] > 0
    assert saved[3:] == [None, None, None]


def test_a_layer_in_the_first_part_is_computed_for_each_patch() -> None:
    graph = NETWORKS["tones"]()
    inside = next(node.name for node in graph.node if node.op == "ConcatV2")
    assert isinstance(cut(graph), Sharing)
    first = next(node.name for node in graph.node if node.op == "FusedBatchNormV3")
    assert cut(graph, 5, "tags", first) is None
    found = cut(graph, 5, inside)
    assert inside not in found.region


def test_only_what_the_second_part_needs_is_handed_on() -> None:
    """Not what it has as easily from the patch itself, nor what only has a shape that it needs."""
    net = Layers()
    image = net.norm(net.spread(net.input), 1)
    deep = net.convolution(image, 9, BANDS, 1, 64, padding="VALID")
    flat = net.reshape(net.add("Relu", deep), -1, FRAMES - 8, 64)
    net.add("Shape", deep)
    levels = net.squeeze(net.mean(image, [2]), 3)
    peaks = net.add("Max", flat, net.constant([1]), keep_dims=True)
    loudest = net.add("Max", levels, net.constant([1]), keep_dims=True)
    net.tagger(net.concatenate([peaks, loudest], 2), 65)
    found = cut(GraphDef(node=net.nodes))
    assert found.tensors == (flat,)
    second = graphdef.by_name(found.second())
    assert second[image].op == "FusedBatchNormV3" and deep not in second


def test_excerpts_compute_nothing_in_vain() -> None:
    """Of a filter of seven frames, so many products as there are frames: none beyond the edges."""
    found = cut(NETWORKS["tones"]())
    stream, (start, end) = found.stream(11), found.edges()
    sizes = {}
    for part in (stream, start, end):
        shapes = inferred(part.graph)
        first, last = part.reads
        placeholder = graphdef.by_name(part.graph)["spectrogram"]
        assert placeholder.attr["shape"].shape.dim[1].size == last - first
        for name, (begin, until) in part.wanted.items():
            assert shapes[name][0].shape[1] == until - begin  # type: ignore[index]
        sizes[part.reads] = [until - begin for begin, until in part.wanted.values()]
    assert list(sizes.values()) == [[11, 11], [2, 3], [2, 4]]
    assert start.reads == (0, 7) and end.reads == (33, 40)


def strided(net: Layers, image: str) -> str:
    return net.convolution(image, 3, BANDS, 1, 16, strides=(1, 2, 1, 1))


def pooled(net: Layers, image: str) -> str:
    return net.windows("MaxPool", image, ksize=(1, 2, 1, 1), strides=(1, 2, 1, 1))


def slid(net: Layers, image: str) -> str:
    return net.windows("MaxPool", image, ksize=(1, 2, 1, 1), strides=(1, 1, 1, 1))


def positions(net: Layers, image: str) -> str:
    return net.add("AddV2", image, net.weights(FRAMES, 1, 1))


def rows(net: Layers, image: str) -> str:
    return net.add("Sub", image, net.add("Mean", image, net.constant([0]), keep_dims=True))


def overall(net: Layers, image: str) -> str:
    return net.add("Sub", image, net.mean(image, [1]))


def turned(net: Layers, image: str) -> str:
    return net.transpose(net.transpose(image, 1, 0, 2, 3), 0, 1, 2, 3)


def joined(net: Layers, image: str) -> str:
    return net.reshape(net.reshape(image, -1, FRAMES * BANDS), -1, FRAMES, BANDS, 1)


def halved(net: Layers, image: str) -> str:
    return net.reshape(image, -1, FRAMES // 2, 2 * BANDS, 1)


def training(net: Layers, image: str) -> str:
    name = net.norm(image, 1)
    net.nodes[-1].attr["is_training"].b = True
    return name


def behind(net: Layers, image: str) -> str:
    return net.concatenate([image, image], 1)


def attention(net: Layers, image: str) -> str:
    return net.transpose(net.add("Softmax", net.transpose(image, 0, 2, 3, 1)), 0, 3, 1, 2)


def unknown(net: Layers, image: str) -> str:
    return net.add("Cumsum", image, net.constant(1))


def channels(net: Layers, image: str) -> str:
    return net.transpose(net.norm(net.transpose(image, 0, 2, 3, 1), FRAMES), 0, 3, 1, 2)


MIXING = (
    *(strided, pooled, slid, positions, rows, overall, turned, joined, halved, training, behind),
    *(attention, unknown, channels),
)


@pytest.mark.parametrize("mix", MIXING, ids=lambda mix: mix.__name__)
def test_what_mixes_frames_or_rows_is_not_shared(mix: Callable[[Layers, str], str]) -> None:
    net = Layers()
    image = net.spread(net.input)
    mixed = mix(net, image)
    local, _ = locality.locality(graph := GraphDef(node=net.nodes), inferred(graph), net.input, 1)
    assert image in local and mixed not in local


def test_a_stride_over_bands_does_not_mix_frames() -> None:
    net = Layers()
    found = net.convolution(net.spread(net.input), 3, 3, 1, 8, strides=(1, 1, 2, 1))
    local, products = locality.locality(
        graph := GraphDef(node=net.nodes), inferred(graph), net.input, 1
    )
    assert (local[found].before, local[found].after) == (1, 1)
    assert products == {found: 9 * 8 * FRAMES * BANDS // 2}
