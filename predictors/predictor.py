"""From a model's record and graph to predictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import UsageError
from predictors.audio import decoding
from predictors.features import families, patches
from predictors.prediction import Prediction
from predictors.runtimes.engines import RUNTIMES
from predictors.runtimes.network import Graph, Network

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from catalog.record import Record
    from predictors.features.families import Family
    from predictors.stream import Stream


def require_network(record: Record) -> None:
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


@dataclass(frozen=True)
class Answer:
    """What a network said of a piece of audio.

    Attributes
    ----------
    family : Family or None
        None of a head.
    output : numpy.ndarray [shape=(patches, ...), dtype=float32]
    times : numpy.ndarray [shape=(patches,), dtype=float64]
    heard : numpy.ndarray [shape=(patches,), dtype=bool]
        Where there was sound, so far as the patches are standardised.
    reach, duration
        See `Prediction`.
    """

    family: Family | None
    output: NDArray[np.float32]
    times: NDArray[np.float64]
    heard: NDArray[np.bool_]
    reach: tuple[float, float] | None = None
    duration: float | None = None


def heard(patches: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where there was sound [shape=(patches,)]: a standardised patch then reaches 1."""
    flat = np.abs(patches).reshape(len(patches), -1)
    return np.asarray(flat.max(axis=1) > 0.5)


class Predictor:
    """A model that can be asked about audio.

    Parameters
    ----------
    record : Record
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
        record: Record,
        graph: Path,
        extractor: Predictor | None = None,
        runtime: str = "openvino",
        resampler: decoding.Resampler = "essentia",
    ) -> None:
        require_network(record)
        if (record.kind == "head" or record.algorithm == families.EMBEDDINGS) and not extractor:
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
        self._graphs: dict[tuple[str, ...], Graph] = {}
        self._networks: dict[tuple[tuple[str, ...], tuple[int, ...]], Network] = {}

    def predict(
        self,
        source: str | Path | ArrayLike | decoding.Audio,
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
            A file, or samples within ±1. A network that no family fits takes an array of what it
            reads itself [shape=(patches, ...)]; the times are then the numbers of the patches.
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
        from predictors.ensemble import Ensemble

        if isinstance(source, np.ndarray) and (answer := self._of_patches(source, layer)):
            return self.prediction(answer, layer)
        heard = Ensemble([self]).predict(
            source, sample_rate, layer=layer, patch_hop=patch_hop, last_patch=last_patch
        )
        return heard[self.record.id]

    def embed(
        self,
        source: str | Path | ArrayLike | decoding.Audio,
        sample_rate: int | None = None,
        *,
        patch_hop: int | None = None,
        last_patch: patches.LastPatch = "discard",
    ) -> Prediction:
        """Run the model up to its embeddings; see `predict`."""
        return self.predict(
            source, sample_rate, layer="embeddings", patch_hop=patch_hop, last_patch=last_patch
        )

    def stream(
        self,
        sample_rate: int | None = None,
        *,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: patches.LastPatch = "discard",
    ) -> Stream:
        """Listen to audio that comes in blocks; see `predictors.stream.Stream`."""
        from predictors.stream import Stream

        return Stream(self, sample_rate, layer=layer, patch_hop=patch_hop, last_patch=last_patch)

    @property
    def reads(self) -> str:
        """The layer of its extractor that a head reads."""
        named = self.record.extractor
        return (named and named.layer) or "embeddings"

    def run_head(self, below: Answer, extractor: Record, node: str) -> Answer:
        """Ask a head about what its extractor said.

        Raises
        ------
        UsageError
            The one does not fit the other.
        """
        graph = self.graph(node)
        rows = self._embeddings(below.output, graph, extractor)
        (output,) = self.network(graph, rows.shape[1:])(rows)
        return replace(below, family=None, output=output)

    def prediction(self, answer: Answer, layer: str) -> Prediction:
        """Give an answer rows, names and, where its family has a decoder, a meaning."""
        output, times, family = answer.output, answer.times, answer.family
        activations = output.reshape(-1, output.shape[-1] if output.ndim > 1 else 1)
        width, decoded = activations.shape[-1], None
        classes = tuple(map(str, range(width)))
        predictions = self.record.layer(layer).purpose == "predictions"
        if predictions and family and family.decode and width == len(family.classes):
            classes, decoded = family.classes, family.decode(activations, answer.heard)
        if layer != "embeddings" and len(self.record.classes) == width:
            classes = self.record.classes
        return Prediction(
            activations=activations,
            times=times.repeat(len(activations) // len(times)),
            classes=classes,
            model=self.record.id,
            layer=layer,
            decoded=decoded,
            reach=answer.reach,
            duration=answer.duration,
        )

    def graph(self, *nodes: str) -> Graph:
        """The network, pruned to some nodes."""
        if nodes not in self._graphs:
            self._graphs[nodes] = Graph.read(self.path, self.record, nodes)
        return self._graphs[nodes]

    def network(self, graph: Graph, patch: tuple[int, ...]) -> Network:
        """The network, compiled for patches of a shape."""
        key = (graph.outputs, patch)
        if key not in self._networks:
            self._networks[key] = Network(graph, patch, self.runtime)
        return self._networks[key]

    def _of_patches(self, patches: NDArray[Any], layer: str) -> Answer | None:
        """Ask a network that no family fits about what it reads, if that is what is given."""
        graph = self.graph(self.record.layer(layer).name)
        fits = 1 < patches.ndim == len(graph.shape) and _fit(graph.shape[1:], patches.shape[1:])
        if self.extractor or not fits or not len(patches) or self._family(graph):
            return None
        (output,) = self.network(graph, patches.shape[1:])(patches.astype(np.float32))
        count = len(patches)
        return Answer(None, output, np.arange(count, dtype=np.float64), np.ones(count, bool))

    def _family(self, graph: Graph) -> Family | None:
        try:
            return families.choose(self.record, graph.shape[1:])
        except UsageError:
            return None

    def _embeddings(
        self, below: NDArray[np.float32], graph: Graph, extractor: Record
    ) -> NDArray[np.float32]:
        """Bring an extractor's output into the shape that a head's input has.

        A head reads all rows of a patch (MAEST's tokens) at once, or one after the other.
        """
        want = graph.shape[1:]
        if len(want) == below.ndim - 1:
            rows = below
        else:
            rows = below.reshape(-1, *(1 for _ in want[1:]), below.shape[-1])
        if not _fit(want, rows.shape[1:]):
            raise UsageError(
                f"{self.record.id} does not fit the embeddings of {extractor.id}.",
                why=f"It reads {list(want)} values a row; they have {list(below.shape[1:])}.",
            )
        return rows


def _fit(wanted: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    """Tell whether sizes are those that are wanted, where -1 is any."""
    return all(size in (-1, own) for size, own in zip(wanted, sizes, strict=True))
