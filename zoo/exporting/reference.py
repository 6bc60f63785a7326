"""The network that an export must agree with, run as ``zoo predict`` runs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import IntegrityError, ParityError, UsageError
from predictors.answer import Answer
from predictors.features import families
from predictors.features.patching import Patching
from predictors.heads import run_head
from predictors.runtimes.graph import PrunedGraph
from predictors.runtimes.network import CompiledNetwork
from validate import parity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Record
    from predictors.features.families import Family
    from predictors.model import Model
    from predictors.runtimes.engines import Runtime

    Array = NDArray[np.float32]


@dataclass(frozen=True)
class ReferenceModel:
    """A network of a model, in Python.

    Attributes
    ----------
    model : Model
        With its extractor, where a head is to be exported with it.
    layers : tuple of str
        Those to export, as the record names them.
    """

    model: Model
    layers: tuple[str, ...]

    @property
    def record(self) -> Record:
        return self.model.record

    @property
    def extractor(self) -> Model | None:
        return self.model.extractor

    @property
    def graph(self) -> PrunedGraph:
        """Pruned to the layers."""
        return self.model.graph(*self.layers)

    @property
    def below(self) -> PrunedGraph | None:
        """The extractor's graph, pruned to the layer that the head reads."""
        if not self.extractor:
            return None
        return self.extractor.graph(self.extractor.record.layer(self.model.reads).name)

    @cached_property
    def family(self) -> Family | None:
        """How it is fed; None where no family fits."""
        record = self.extractor.record if self.extractor else self.record
        if record.algorithm == families.EMBEDDINGS:
            return None
        try:
            return families.choose(record, (self.below or self.graph).shape[1:])
        except UsageError:
            return None

    def try_out(self) -> None:
        """See `predictors.model.Model.try_out`; where its input has a known shape."""
        graph = self.below or self.graph
        patch = self.family.shape if self.family else graph.shape[1:]
        if all(size > 0 for size in patch):
            (self.extractor or self.model).try_out(graph, patch)

    def run(self, batch: Array) -> dict[str, Array]:
        """Compute the layers of a batch [shape=(patches, ...)]."""
        fed = self.extractor or self.model
        network = fed.network(self.below or self.graph, batch.shape[1:], len(batch))
        outputs = network(batch)
        if not self.extractor:
            return dict(zip(self.layers, outputs, strict=True))
        below = Answer(self.family, outputs[0], np.zeros(len(batch)), np.ones(len(batch), bool))
        known = self.extractor.record
        return {layer: run_head(self.model, below, known, layer).output for layer in self.layers}


def any_batch(graph: PrunedGraph, run: Runtime) -> Any:
    """The definition of a graph, for batches of any size if it computes the same so.

    Parameters
    ----------
    graph : PrunedGraph
    run : Runtime
        As `predictors.model.Model.engine` gives it.
    """
    if len(graph.shape) < 2 or graph.shape[0] < 1:
        return graph.definition
    from freeze.formats import graphdef
    from freeze.formats.messages import GraphDef

    freed = GraphDef()
    freed.CopyFrom(graph.definition)
    graphdef.by_name(freed)[graph.input].attr["shape"].shape.dim[0].size = -1
    sizes = [None if size == -1 else size for size in graph.shape[1:]]
    rows = parity.random_input("float32", [parity.BATCH, *sizes])
    expected = CompiledNetwork(graph, rows.shape[1:], run)(rows)
    try:
        any_size = PrunedGraph(freed, graph.input, graph.shape, graph.outputs, name=graph.name)
        found = run(any_size, rows.shape)(rows)
        differences = parity.compare(
            dict(zip(graph.outputs, expected, strict=True)),
            dict(zip(graph.outputs, found, strict=True)),
        )
        parity.require(differences, graph.input)
    except (IntegrityError, UsageError, ParityError):
        return graph.definition
    return freed


def patches(clip: Array, family: Family) -> Array:
    """What a network of a family is fed of a clip [shape=(patches, *family.shape)]."""
    patching = Patching(family, family.hop)
    return np.concatenate([patching.feed(clip), *patching.finish()])


def clips(family: Family, count: int) -> tuple[Array, Array]:
    """Two clips of some patches: tones with overtones over a little noise, and noise."""
    seconds = family.shortest + (count - 1) * family.hop / family.frame_rate
    rate = family.frontend.sample_rate
    times = np.arange(round(seconds * rate) + 1) / rate
    random = np.random.default_rng(0)
    noise = random.uniform(-1, 1, len(times))
    pitches = 110 * 2 ** (random.integers(0, 36, 64) / 12)
    beat = (times * 4).astype(int)
    phase = 2 * np.pi * np.cumsum(pitches[beat % 64]) / rate
    tones = sum(np.sin(k * phase) / k for k in range(1, 9)) * np.exp(-6 * (times * 4 - beat))
    music = 0.3 * tones + 0.01 * noise
    return music.astype(np.float32), (0.5 * noise).astype(np.float32)
