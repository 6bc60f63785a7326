"""A network's front-end as nodes before it: mono audio in, activations out.

The nodes are made of the same data that NumPy computes features with. They use operations
that TensorFlow.js has on all its backends, and numbers that half precision can hold.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, log
from typing import TYPE_CHECKING

from catalog.errors import UsageError
from convert.dft import TwoStages
from convert.export_graph import AUDIO, FEATURES, SIGNAL, ExportGraph, Patches, TensorSpec
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import INT, Nodes, copy_node
from predictors.features.frontends import FrontEnd

if TYPE_CHECKING:
    from predictors.features.families import Family
    from predictors.features.frontends import Compression, Frames


def attach(exported: ExportGraph, family: Family) -> ExportGraph:
    """Let a network read audio.

    Its input becomes what the patches of the audio are handed on by, under the same name
    unless that is needed. Audio too short for a patch makes none. `FEATURES` can be fetched,
    and be fed in the place of audio, with at least as many frames as a patch has; a network
    that reads frames of samples has no such node.

    Parameters
    ----------
    exported : ExportGraph
        With one input, the patches.
    family : Family

    Returns
    -------
    ExportGraph
        Its input is `AUDIO`: float32 [shape=(samples,)], within ±1, at the family's rate.

    Raises
    ------
    UsageError
        The family's features cannot be computed in the graph.
    """
    if family.decibels or (family.blocks and isinstance(family.frontend, FrontEnd)):
        raise UsageError(
            f"The front-end {family.frontend.name} cannot be included in the graph.",
            why="It processes each block of the signal separately.",
            hint="Export it without the front-end: omit --with-frontend",
        )
    nodes = Nodes("frontend")
    signal = nodes.placeholder(AUDIO, -1)
    if family.normalize:
        signal = _normalized(signal, nodes)
    if isinstance(family.frontend, FrontEnd):
        frames = _framed(signal, family.frontend, nodes)
        bands = _features(frames, family.frontend, nodes)
        features = nodes.add("Identity", bands, name=FEATURES)
        patches = _cut(features, family, nodes)
    else:
        apart = replace(family.frontend, hop=family.frontend.hop * family.hop)
        patches = nodes.reshape(_framed(signal, apart, nodes), -1, 1, apart.frame)
    return _joined(exported, nodes, _arranged(patches, family, nodes), family)


def _normalized(signal: str, nodes: Nodes) -> str:
    """The clip with mean 0 and peak 1, as `predictors.features.patching` has it."""
    centred = nodes.add("Sub", signal, nodes.mean(signal, [0]))
    peak = nodes.add("Max", nodes.add("Abs", centred), nodes.constant([0]), keep_dims=True)
    ceiling = nodes.add("AddV2", peak, nodes.constant(0.005))
    return nodes.add("RealDiv", centred, ceiling, name=SIGNAL)


def _framed(signal: str, frames: Frames, nodes: Nodes) -> str:
    """Cut the signal into frames [shape=(count, frame)], as `analysis.framed` does."""
    before, after = (frames.frame + 1) // 2, frames.frame + 2 * frames.hop
    padded = nodes.add("Pad", signal, nodes.constant([[before, after]]))
    ahead = 1 + min(frames.hop - 1, frames.frame // 2 - frames.valid)
    return _overlapping(padded, frames.frame, frames.hop, before + after - ahead, nodes)


def _overlapping(values: str, size: int, hop: int, skip: int, nodes: Nodes) -> str:
    """Cut values [shape=(length,)] into lines that start a hop apart [shape=(count, size)].

    There are as many as ``values[skip::hop]`` has elements. They are counted so, and not
    gathered by their places, as half precision has no whole numbers beyond 2048: what
    TensorFlow.js divides or gathers by on a phone's graphics processor would be rounded.

    The values are laid out in rows of a hop; a line is some rows side by side, the last cut off.
    """
    pieces = ceil(size / hop)
    count = nodes.length(nodes.part(values, (skip,), steps=(hop,)))
    total = nodes.integer("Mul", nodes.integer("AddV2", count, pieces - 1), hop)
    whole = nodes.add("Slice", values, nodes.constant([0]), nodes.reshape(total, 1, of=INT))
    rows = nodes.reshape(whole, -1, hop)
    parts = []
    for piece in range(pieces):
        end = (piece + 1 - pieces, min(hop, size - piece * hop))
        parts.append(nodes.part(rows, (piece, 0), end))
    return nodes.concatenate(parts, axis=1)


def _features(frames: str, frontend: FrontEnd, nodes: Nodes) -> str:
    """Compute the compressed mel bands of frames [shape=(count, bands)]."""
    dft = TwoStages(frontend)
    a, bins = dft.columns, dft.bins
    windowed = nodes.add("Mul", frames, nodes.constant(dft.window))
    if missing := dft.rows * a - frontend.frame:
        windowed = nodes.add("Pad", windowed, nodes.constant([[0, 0], [0, missing]]))
    columns = nodes.transpose(nodes.reshape(windowed, -1, dft.rows, a), 0, 2, 1)
    first = nodes.product(nodes.reshape(columns, -1, dft.rows), dft.first)
    first = nodes.reshape(first, -1, a, 2, bins)
    real, imaginary = (_part(first, part, a, bins, nodes) for part in (0, 1))
    cos, sin = map(nodes.constant, dft.twiddle_factors)
    turned = nodes.concatenate(
        [
            nodes.add("Sub", nodes.add("Mul", real, cos), nodes.add("Mul", imaginary, sin)),
            nodes.add("AddV2", nodes.add("Mul", real, sin), nodes.add("Mul", imaginary, cos)),
        ],
        axis=1,
    )
    lines = nodes.reshape(nodes.transpose(turned, 0, 2, 1), -1, 2 * a)
    squares = nodes.add("Square", nodes.product(lines, dft.second))
    both = nodes.reshape(squares, -1, 2, a)
    power = nodes.add("Sum", both, nodes.constant(1), keep_dims=False)
    if frontend.spectrum == "magnitude":
        power = nodes.add("Sqrt", power)
    bands = nodes.product(nodes.reshape(power, -1, bins * a), dft.bank)
    return (
        _compressed(bands, frontend.compression, dft.left, nodes) if frontend.compression else bands
    )


def _part(first: str, part: int, a: int, bins: int, nodes: Nodes) -> str:
    """The real or imaginary half of the first stage [shape=(count, a, bins)]."""
    begin, size = nodes.constant([0, 0, part, 0]), nodes.constant([-1, a, 1, bins])
    return nodes.reshape(nodes.add("Slice", first, begin, size), -1, a, bins)


def _compressed(bands: str, rule: Compression, left: float, nodes: Nodes) -> str:
    """Take the logarithm of the bands, which have the factor `left`.

    ``log(scale x + shift)`` is taken as ``log(x + shift / scale) + log(scale)``, which half
    precision can hold. Where there is no shift, the floor is also one of the logarithm, as
    half precision has no such small number.
    """
    unit, scale = log(10) if rule.base == "10" else 1.0, rule.scale / left
    if rule.shift:
        bands = nodes.add("AddV2", bands, nodes.constant(rule.shift / scale))
    else:
        bands = nodes.add("Maximum", bands, nodes.constant(rule.floor / scale))
    bands = nodes.add("Log", bands)
    if not rule.shift:
        bands = nodes.add("Maximum", bands, nodes.constant(log(rule.floor / scale)))
    if rule.gain / unit != 1:
        bands = nodes.add("Mul", bands, nodes.constant(rule.gain / unit))
    if scale != 1:
        bands = nodes.add("AddV2", bands, nodes.constant(rule.gain * log(scale) / unit))
    return bands


def _cut(features: str, family: Family, nodes: Nodes) -> str:
    """Cut features into overlapping patches [shape=(patches, frames, bands)]."""
    width = family.frontend.width
    size, hop = family.frames * width, family.hop * width
    padded = nodes.add("Pad", nodes.reshape(features, -1), nodes.constant([[0, size]]))
    patches = _overlapping(padded, size, hop, 2 * size - width, nodes)
    return nodes.reshape(patches, -1, family.frames, width)


def _arranged(patches: str, family: Family, nodes: Nodes) -> str:
    """Bring patches to the network's scale and layout, as `Family.arrange` does."""
    if family.standardize:
        centred = nodes.add("Sub", patches, nodes.mean(patches, [1, 2]))
        deviation = nodes.add("Sqrt", nodes.mean(nodes.add("Square", centred), [1, 2]))
        patches = nodes.add(
            "RealDiv", centred, nodes.add("AddV2", deviation, nodes.is_zero(deviation))
        )
    if family.scaling:
        offset, divisor = map(nodes.constant, family.scaling)
        patches = nodes.add("RealDiv", nodes.add("Sub", patches, offset), divisor)
    if family.layout.startswith("bf"):
        patches = nodes.transpose(patches, 0, 2, 1)
    return nodes.reshape(patches, -1, *family.shape)


def _joined(exported: ExportGraph, nodes: Nodes, patches: str, family: Family) -> ExportGraph:
    """The nodes, and the network with the patches as its input."""
    (port,) = exported.inputs
    taken = {node.name for node in nodes.nodes}
    new = {n.name: f"network/{n.name}" for n in exported.graph.node if n.name in taken}
    fed = nodes.add("Identity", patches, name=new.get(port.name, port.name))
    graph = GraphDef(versions=exported.graph.versions, library=exported.graph.library)
    graph.node.extend(nodes.nodes)
    for node in exported.graph.node:
        if node.name != port.name:
            copy_node(graph, node, new)
    zoo = {**exported.metadata["zoo"], "input": AUDIO}
    audio = TensorSpec(AUDIO, "float32", (None,))
    common = None
    if family.shares_frames and isinstance(family.frontend, FrontEnd):
        common = Patches(fed, family.shape, 1 + family.layout.index("f"), family.hop)
    return replace(exported, graph=graph, inputs=(audio,), metadata={"zoo": zoo}, patches=common)
