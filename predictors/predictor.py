"""From a model's record and graph to predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import AudioError, UsageError
from predictors import audio, families, patches
from predictors.frontends import features
from predictors.network import Graph, Network
from predictors.prediction import Prediction
from predictors.runtime import RUNTIMES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from catalog.record import Model
    from predictors.families import Family


def require_network(record: Model) -> None:
    """Refuse what is not a network, before it is pulled in vain.

    Raises
    ------
    UsageError
    """
    if record.kind == "svm":
        raise UsageError(
            f"{record.id} cannot be run here.",
            why="It is a support vector machine over Essentia's descriptors and needs Gaia.",
            hint=f"Look for a network that does the same: zoo search {record.task or ''}",
        )


class Predictor:
    """A model that can be asked about audio.

    Parameters
    ----------
    record : Model
    graph : Path
        The frozen graph.
    extractor : Predictor, optional
        The model whose embeddings a head reads.
    runtime : {"openvino", "tensorflow", "onnxruntime"}
    resampler : {"essentia", "soxr"}
        As Essentia resamples, or faster.

    Raises
    ------
    UsageError
        A model of this kind cannot be run.
    """

    def __init__(
        self,
        record: Model,
        graph: Path,
        extractor: Predictor | None = None,
        runtime: str = "openvino",
        resampler: audio.Resampler = "essentia",
    ) -> None:
        require_network(record)
        if record.algorithm == families.EMBEDDINGS and not extractor:
            raise UsageError(
                f"{record.id} cannot be run alone.",
                why="It reads another model's embeddings, and its record names no such model.",
                hint='Name it in the metadata: {"zoo": {"extractor": {"id": …}}}.',
            )
        self.record = record
        self.path = graph
        self.extractor = extractor
        self.runtime = RUNTIMES[runtime]
        self.resampler = resampler
        self._graphs: dict[str, Graph] = {}
        self._networks: dict[tuple[tuple[str, ...], tuple[int, ...]], Network] = {}

    def predict(
        self,
        source: str | Path | ArrayLike | audio.Audio,
        sample_rate: int | None = None,
        *,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: patches.LastPatch = "discard",
    ) -> Prediction:
        """Run the model over a piece of audio.

        Parameters
        ----------
        source : path, array_like [shape=(samples,) or (samples, channels)] or Audio
            A file, or samples within ±1.
        sample_rate : int, optional
            Of an array, in hertz; the model's own if not given.
        layer : str
            ``predictions``, ``logits``, ``embeddings`` or a node of the graph. A layer with
            several rows a patch gives them one after the other, at the patch's time.
        patch_hop : int, optional
            Distance of the patches, in frames; the model's own if not given.
        last_patch : {"discard", "repeat", "pad"}
            What becomes of the frames that do not fill a patch: see `patches.cut`.

        Raises
        ------
        AudioError
            The audio cannot be decoded, or is shorter than one patch.
        NotFoundError
            No such file.
        UsageError
            The model has no such layer, or an option has no meaning for it.
        """
        graph = self._graph(self.record.layer(layer).name)
        if self.extractor:
            named = self.record.extractor
            below = self.extractor.predict(
                source,
                sample_rate,
                layer=(named and named.layer) or "embeddings",
                patch_hop=patch_hop,
                last_patch=last_patch,
            )
            rows, times = self._rows(below, graph), below.times
        else:
            family = families.choose(self.record, graph.shape[1:])
            rows, times = self._patches(source, sample_rate, family, patch_hop, last_patch)
        (output,) = self._network(graph, rows.shape[1:])(rows)
        activations = output.reshape(-1, output.shape[-1])
        return Prediction(
            activations=activations,
            times=times.repeat(len(activations) // len(times)),
            classes=self._classes(layer, activations.shape[-1]),
            model=self.record.id,
            layer=layer,
        )

    def embed(
        self,
        source: str | Path | ArrayLike | audio.Audio,
        sample_rate: int | None = None,
        *,
        patch_hop: int | None = None,
        last_patch: patches.LastPatch = "discard",
    ) -> Prediction:
        """Run the model up to its embeddings; see `predict`."""
        return self.predict(
            source, sample_rate, layer="embeddings", patch_hop=patch_hop, last_patch=last_patch
        )

    def _graph(self, node: str) -> Graph:
        if node not in self._graphs:
            self._graphs[node] = Graph.read(self.path, self.record, (node,))
        return self._graphs[node]

    def _network(self, graph: Graph, patch: tuple[int, ...]) -> Network:
        key = (graph.outputs, patch)
        if key not in self._networks:
            self._networks[key] = Network(graph, patch, self.runtime)
        return self._networks[key]

    def _patches(
        self,
        source: str | Path | ArrayLike | audio.Audio,
        sample_rate: int | None,
        family: Family,
        patch_hop: int | None,
        last_patch: patches.LastPatch,
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Compute the patches that the network is fed, and their times."""
        frontend = family.frontend
        sound = audio.take(source, sample_rate or frontend.sample_rate)
        signal = sound.resampled(frontend.sample_rate, self.resampler).samples
        if family.normalize:
            signal = signal - signal.mean()
            signal /= np.abs(signal).max() + np.float32(0.005)
        own = self.record.patch
        size = own.frames if own else family.frames
        hop = patch_hop if patch_hop is not None else (own.hop if own else family.hop)
        cut = patches.cut(features(signal, frontend), size, hop, last_patch)
        if not len(cut):
            shortest = ((size - 2) * frontend.hop + 1) / frontend.sample_rate
            raise AudioError(
                f"{sound.name} is too short: {sound.duration:.2f} s.",
                why=f"{self.record.id} looks at {shortest:.2f} s at once.",
                hint="Repeat it until it is long enough: --last-patch repeat",
            )
        return family.arrange(cut), patches.starts(len(cut), hop, frontend.frame_rate)

    def _rows(self, embeddings: Prediction, graph: Graph) -> NDArray[np.float32]:
        """Bring embeddings into the shape that a head's input has."""
        rows = embeddings.activations
        try:
            return rows.reshape(len(rows), *graph.shape[1:])
        except ValueError:
            raise UsageError(
                f"{self.record.id} does not fit the embeddings of {embeddings.model}.",
                why=f"It reads {list(graph.shape[1:])} values a row; they have {rows.shape[1]}.",
            ) from None

    def _classes(self, layer: str, width: int) -> tuple[str, ...]:
        """Name the columns where the record's classes are theirs, else number them."""
        named = layer != "embeddings" and len(self.record.classes) == width
        return self.record.classes if named else tuple(map(str, range(width)))
