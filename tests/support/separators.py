"""A small network that hears a signal in segments of frames that overlap, as Spleeter does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import INT, Nodes

STEP, FRAMES = 16, 64
FRAME, SEGMENT = 4 * STEP, FRAMES * STEP
HEARD = 96  # values of each frame; the others are masked
OUTPUTS = ("waveform_vocals", "waveform_other")


class _Layers(Nodes):
    def pad(self, tensor: str, before: int, after: str, axes: int) -> str:
        """Zeros before and after, on the first axis."""
        first = self.add("Pack", self.constant(before), after, of=INT, N=2)
        rest = [self.constant(np.zeros(2, int))] * (axes - 1)
        return self.add("Pad", tensor, self.add("Pack", first, *rest, of=INT, N=axes))

    def rows(self, tensor: str, begin: int, count: str) -> str:
        """So many rows from one on."""
        start, end = self.constant([begin]), self.integer("AddV2", count, begin)
        end = self.add("Pack", end, of=INT, N=1)
        return self.add("StridedSlice", tensor, start, end, self.constant([1]))

    def missing(self, count: str, of: int) -> str:
        """What a count lacks to a multiple."""
        rest = self.integer("FloorMod", count, of)
        return self.integer("FloorMod", self.add("Sub", self.constant(of), rest, of=INT), of)


def segmented(before: int = 0, mixes: bool = False) -> Any:
    """Frames, each times what convolutions make of its segment, added up.

    Parameters
    ----------
    before : int
        Samples of silence that it sets before the signal.
    mixes : bool
        Whether each segment is as loud as all of them.
    """
    net = _Layers("net")
    signal = net.placeholder("waveform", -1, 2)
    length = net.length(signal)
    zero = net.constant(0)
    padded = net.pad(signal, before, zero, 2)
    missing = net.missing(net.length(padded), STEP)
    padded = net.pad(padded, 0, net.integer("AddV2", missing, FRAME - STEP), 2)
    steps = net.reshape(padded, -1, 2 * STEP)
    count = net.integer("Sub", net.length(steps), FRAME // STEP - 1)
    frames = net.concatenate([net.rows(steps, i, count) for i in range(FRAME // STEP)], 1)
    segments = net.pad(frames, 0, net.missing(count, FRAMES), 2)
    absolute = net.add("Abs", net.reshape(segments, -1, FRAMES, 2 * FRAME, 1))
    heard = net.part(absolute, (0, 0, 0), (0, 0, HEARD))
    if mixes:
        heard = net.add("RealDiv", heard, net.mean(heard, (0, 1, 2, 3)))
    for seed, output in enumerate(OUTPUTS):
        filter = np.random.default_rng(seed).normal(0, 1, (3, 3, 1, 1))
        layer = net.add("Conv2D", heard, net.constant(filter))
        attributes = net.nodes[-1].attr
        attributes["strides"].list.i[:] = attributes["dilations"].list.i[:] = (1, 1, 1, 1)
        attributes["padding"].s, attributes["data_format"].s = b"SAME", b"NHWC"
        loudness = net.mean(layer, (1, 2))
        mask = net.add("Sigmoid", net.add("AddV2", layer, loudness))
        rest = [net.constant(size) for size in (FRAMES, 2 * FRAME - HEARD, 1)]
        zeros = net.add("Pack", net.length(mask), *rest, of=INT, N=4)
        mask = net.concatenate([mask, net.add("Fill", zeros, net.constant(0.0))], 2)
        masked = net.add("Mul", net.rows(net.reshape(mask, -1, 2 * FRAME), 0, count), frames)
        parts = [
            net.pad(net.part(masked, (0, i), (0, i + 2 * STEP)), i // (2 * STEP), after, 2)
            for i in range(0, 2 * FRAME, 2 * STEP)
            for after in [net.constant(FRAME // STEP - 1 - i // (2 * STEP))]
        ]
        total = parts[0]
        for part in parts[1:]:
            total = net.add("AddV2", total, part)
        found = net.rows(net.reshape(total, -1, 2), before, length)
        net.add("Identity", found, name=output)
    return GraphDef(node=net.nodes)


def separator(folder: Path, graph: Any, name: str = "apart") -> Path:
    """Write a network with its record."""
    path = folder / f"{name}.pb"
    path.write_bytes(serialize(graph))
    outputs = [{"name": output} for output in OUTPUTS]
    document = {"schema": {"inputs": [{"name": "waveform"}], "outputs": outputs}}
    zoo = {"id": name, "task": "source-separation"}
    path.with_suffix(".json").write_text(json.dumps(document | {"zoo": zoo}))
    return path
