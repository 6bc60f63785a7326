"""Front-ends as graph nodes: the numbers of NumPy's, in operations that browsers have."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import UsageError
from catalog.record import Record
from convert.dft import TwoStages
from convert.export_graph import AUDIO, FEATURES, ExportGraph
from convert.frontend_graph import attach
from convert.tfjs import operations
from freeze.formats import graphdef, tensors
from freeze.formats.messages import GraphDef
from freeze.graph import walk
from predictors.features.analysis import frame_count
from predictors.features.families import FAMILIES, Family
from predictors.features.frontends import FSDSINET, MUSICNN, TEMPOCNN, VGGISH, FrontEnd
from predictors.features.patching import Patching
from predictors.runtimes import engines
from predictors.runtimes.graph import PrunedGraph

Signal = NDArray[np.float32]
RECORD = Record({"zoo": {"id": "through"}})
ABLE = [family for family in FAMILIES if family.algorithm != "OpenL3"]


def through(family: Family, name: str = "input") -> ExportGraph:
    """A network of a family that hands on what it is fed."""
    graph = GraphDef()
    placeholder = graph.node.add(name=name, op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in (-1, *family.shape):
        placeholder.attr["shape"].shape.dim.add(size=size)
    graph.node.add(name="output", op="Identity", input=[name]).attr["T"].type = 1
    return ExportGraph.of(graph, ["output"], RECORD, family)


def run(network: ExportGraph, feed: Signal, *names: str, engine: str = "openvino") -> list[Signal]:
    graph = PrunedGraph(network.graph, network.inputs[0].name, (), names)
    return [each.copy() for each in engines.RUNTIMES[engine](graph, feed.shape)(feed)]


def noise(samples: int) -> Signal:
    return np.random.default_rng(5).uniform(-0.5, 0.5, samples).astype(np.float32)


def patches(clip: Signal, family: Family) -> Signal:
    patching = Patching(family, family.hop)
    return np.concatenate([patching.feed(clip), *patching.finish()])


def lengths(family: Family) -> list[int]:
    """The shortest clip that makes a patch, one more sample, and some patches and a bit."""
    rate = family.frontend.sample_rate
    shortest = round(family.shortest * rate) if not family.blocks else 1
    hop = family.hop * family.frontend.hop
    return [shortest, shortest + 1, shortest + 2 * hop + 77]


@pytest.mark.parametrize("family", ABLE, ids=str)
def test_a_network_is_fed_the_patches_of_numpy(family: Family) -> None:
    network = attach(through(family), family)
    assert bool(network.patches) == family.shares_frames
    for length in lengths(family):
        clip = noise(length)
        (found,) = run(network, clip, "output")
        expected = patches(clip, family)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.tensorflow
@pytest.mark.parametrize("family", ABLE, ids=str)
def test_tensorflow_computes_the_same(family: Family) -> None:
    network = attach(through(family), family)
    clip = noise(lengths(family)[-1])
    (found,) = run(network, clip, "output", engine="tensorflow")
    np.testing.assert_allclose(found, patches(clip, family), atol=1e-4)


@pytest.mark.parametrize("family", [f for f in ABLE if isinstance(f.frontend, FrontEnd)], ids=str)
def test_features_are_a_node_before_the_patches(family: Family) -> None:
    network = attach(through(family), family)
    clip = noise(lengths(family)[-1])
    (found,) = run(network, clip, FEATURES)
    assert found.shape == (frame_count(len(clip), family.frontend), family.frontend.width)
    assert network.inputs[0].name == AUDIO and network.metadata["zoo"]["input"] == AUDIO


def test_features_can_be_fed_in_the_place_of_audio() -> None:
    family = ABLE[0]
    network = attach(through(family), family)
    frames = np.random.default_rng(2).random((300, 96), np.float32)
    fed = GraphDef()
    for node in network.graph.node:
        if node.name == FEATURES:
            placeholder = fed.node.add(name=FEATURES, op="Placeholder")
            placeholder.attr["dtype"].type = 1
            for size in (-1, 96):
                placeholder.attr["shape"].shape.dim.add(size=size)
        elif node.op != "Placeholder":
            fed.node.append(node)
    needed = walk.reachable(graphdef.by_name(fed), ["output"])
    kept = GraphDef(node=[node for node in fed.node if node.name in needed])
    cut = replace(network, graph=kept, inputs=(replace(network.inputs[0], name=FEATURES),))
    (found,) = run(cut, frames, "output")
    np.testing.assert_array_equal(found, [frames[:187], frames[93:280]])


@pytest.mark.parametrize("family", [f for f in ABLE if f.standardize], ids=str)
def test_silence_becomes_zeros_where_patches_are_standardised(family: Family) -> None:
    network = attach(through(family), family)
    (found,) = run(network, np.zeros(lengths(family)[-1], np.float32), "output")
    assert not found.any()


def test_silence_has_the_floor_of_a_logarithm_without_a_shift() -> None:
    family = next(each for each in ABLE if each.frontend is FSDSINET)
    (found,) = run(attach(through(family), family), np.zeros(22050, np.float32), FEATURES)
    np.testing.assert_allclose(found, -30, atol=1e-4)


@pytest.mark.parametrize("family", ABLE, ids=str)
def test_browsers_have_all_its_operations(family: Family) -> None:
    assert {node.op for node in attach(through(family), family).graph.node} <= operations()


@pytest.mark.parametrize("family", ABLE, ids=str)
def test_lengths_stay_whole_numbers_on_phones(family: Family) -> None:
    """There, TensorFlow.js computes them in full precision by these operations only."""
    exact = {"Shape", "StridedSlice", "AddV2", "Mul", "Reshape"}
    nodes = attach(through(family), family).graph.node
    types = ("T", "out_type", "Tindices", "Tparams")
    whole = {node.op for node in nodes if 3 in [graphdef.type_of(node, name) for name in types]}
    assert whole and whole <= exact
    assert not {node.op for node in nodes} & {"FloorDiv", "Range", "Pack"}


@pytest.mark.parametrize("family", [f for f in ABLE if not f.blocks], ids=str)
def test_audio_too_short_for_a_patch_makes_none(family: Family) -> None:
    network = attach(through(family), family)
    (found,) = run(network, noise(lengths(family)[0] - 1), "output")
    assert found.shape == (0, *family.shape)


@pytest.mark.parametrize("name", [AUDIO, FEATURES])
def test_an_input_with_a_name_of_ours_is_renamed(name: str) -> None:
    family = ABLE[0]
    network = attach(through(family, name), family)
    clip = noise(48000)
    (found,) = run(network, clip, "output")
    np.testing.assert_allclose(found, patches(clip, family), atol=1e-4)


def test_a_layer_with_a_name_of_ours_is_renamed() -> None:
    family = ABLE[0]
    network = through(family)
    inner = network.graph.node.add(name=FEATURES, op="Identity", input=["input"])
    inner.attr["T"].type = 1
    graphdef.by_name(network.graph)["output"].input[0] = FEATURES
    ordered = sorted(network.graph.node, key=lambda node: node.name == "output")
    attached = attach(replace(network, graph=GraphDef(node=ordered)), family)
    names = [node.name for node in attached.graph.node]
    assert len(names) == len(set(names))
    clip = noise(48000)
    features, output = run(attached, clip, FEATURES, "output")
    assert features.ndim == 2
    np.testing.assert_allclose(output, patches(clip, family), atol=1e-4)


def test_musicnns_front_end_weighs_less_than_150_kilobytes() -> None:
    network = attach(through(ABLE[0]), ABLE[0])
    assert len(graphdef.serialize(network.graph)) < 150_000


@pytest.mark.parametrize("frontend", [MUSICNN, VGGISH, TEMPOCNN, FSDSINET], ids=lambda f: f.name)
def test_the_loudest_signal_stays_within_half_precision(frontend: FrontEnd) -> None:
    """Phones compute in half precision: nothing before the logarithm may pass 65504."""
    dft = TwoStages(frontend)
    time = np.arange(frontend.frame)
    for bin in (0, 1, 7, frontend.fft // 8, frontend.fft // 2):
        frame = np.sign(np.cos(2 * np.pi * bin * time / frontend.fft) + 1e-9) * dft.window
        padded = np.zeros(dft.rows * dft.columns)
        padded[: frontend.frame] = frame
        first = padded.reshape(dft.rows, dft.columns).T @ dft.first
        real, imaginary = np.split(first, 2, axis=1)
        cos, sin = dft.twiddle_factors
        turned = [real * cos - imaginary * sin, real * sin + imaginary * cos]
        squares = np.square(np.concatenate(turned).T @ dft.second)
        power = squares[:, : dft.columns] + squares[:, dft.columns :]
        assert power.max() < 65504
        spectrum = power if frontend.spectrum == "power" else np.sqrt(power)
        assert (spectrum.ravel() @ dft.bank).max() < 65504


@pytest.mark.parametrize("frontend", [MUSICNN, VGGISH, TEMPOCNN, FSDSINET], ids=lambda f: f.name)
def test_each_bin_of_the_spectrum_counts_once(frontend: FrontEnd) -> None:
    from predictors.features.mel import filter_bank

    dft = TwoStages(frontend)
    weight = dft.left / dft.scale ** (2 if frontend.spectrum == "power" else 1)
    expected = weight * filter_bank(frontend).sum(axis=0)
    np.testing.assert_allclose(dft.bank.sum(axis=0), expected, rtol=1e-5)


def test_a_family_that_the_graph_cannot_compute_is_refused() -> None:
    family = next(each for each in FAMILIES if each.algorithm == "OpenL3")
    with pytest.raises(UsageError, match="openl3 cannot be included in the graph"):
        attach(through(family), family)


def test_constants_are_shared() -> None:
    network: Any = attach(through(ABLE[0]), ABLE[0])
    values = [
        tensors.array(node.attr["value"].tensor)
        for node in network.graph.node
        if node.op == "Const"
    ]
    seen = {(value.tobytes(), value.shape, value.dtype.name) for value in values}
    assert len(seen) == len(values) and sum(prod(value.shape) for value in values) < 36_000
