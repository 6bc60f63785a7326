"""A model: its record, its file that is opened once, and what was made of both to run it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from freeze.network_file import HistoryFile, NetworkFile, runnable
from predictors.runtimes.engines import RUNTIMES
from predictors.runtimes.graph import noted, pruned
from predictors.runtimes.network import CompiledNetwork, longest_batch, proof_of_rows, usual_batch
from predictors.runtimes.openvino_engine import openvino
from predictors.runtimes.overlapping import overlapping

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from catalog.record import Record
    from predictors.runtimes.engines import Runtime
    from predictors.runtimes.graph import PrunedGraph
    from predictors.runtimes.overlapping import OverlappingNetwork
    from predictors.runtimes.segmented import SegmentedNetwork

    Locate = Callable[[Record, str], Path]


def reads_descriptors(record: Record, file: NetworkFile | None) -> bool:
    """Whether a model reads descriptors, and not audio."""
    return isinstance(file, HistoryFile) or bool(record.descriptors or record.archive)


def is_separation(record: Record) -> bool:
    """Whether a model takes music apart."""
    return record.task == "source-separation" or record.family == "spleeter"


PATIENCE = 24
"""Patches that overlap with one before them, of which MusiCNN's save what compiling parts costs."""


class Model:
    """A model on its way to be run, exported, judged or published.

    It may be used from several threads. A pickled one does not hold its network, but the digest:
    where it is used, the file is found and opened, and its networks are compiled anew.

    Parameters
    ----------
    record : Record
    file : NetworkFile or Path
        The network, which is opened when it is first needed.
    extractor : Model, optional
        The one whose embeddings a head reads.
    runtime : {"openvino", "tensorflow", "onnxruntime"}
    vouched : collection of str
        Digests that the catalog or the store's manifest knows: a file with another one is from
        anywhere, see `predictors.runtimes.confined`.
    locate : callable, optional
        Finds the network of a record with a digest, where a pickled model does not have it.
    """

    def __init__(
        self,
        record: Record,
        file: NetworkFile | Path,
        extractor: Model | None = None,
        runtime: str = "openvino",
        vouched: Collection[str] = (),
        locate: Locate | None = None,
    ) -> None:
        self.record = record
        self.file = runnable(file) if isinstance(file, Path) else file
        self.extractor = extractor
        self.runtime = runtime
        self.vouched = frozenset(vouched)
        self.locate = locate
        self._lock = RLock()
        self._graphs: dict[tuple[str, ...], PrunedGraph] = {}
        self._networks: dict[tuple[tuple[str, ...], tuple[int, ...]], CompiledNetwork] = {}
        self._overlapping: dict[tuple[Any, ...], OverlappingNetwork | None] = {}
        self._segmented: dict[tuple[Any, ...], SegmentedNetwork | None] = {}
        self._seen: Counter[tuple[Any, ...]] = Counter()

    def __reduce__(self) -> tuple[Any, ...]:
        found = (self.record, self.path, self.file.sha256)
        return _restored, (*found, self.extractor, self.runtime, self.vouched, self.locate)

    @property
    def path(self) -> Path:
        """The network's file or folder."""
        return self.file.path

    @property
    def reads(self) -> str:
        """The layer of its extractor that a head reads."""
        named = self.record.extractor
        return (named and named.layer) or "embeddings"

    def graph(self, *nodes: str) -> PrunedGraph:
        """The network, pruned to some nodes.

        Raises
        ------
        NotFoundError, UsageError
            See `predictors.runtimes.graph.pruned`.
        IntegrityError
            The file is damaged.
        """
        with self._lock:
            if nodes not in self._graphs:
                read = noted if self._is_known else pruned
                self._graphs[nodes] = read(self.file, self.record, nodes)
            return self._graphs[nodes]

    def forget(self) -> None:
        """Forget the graph, which compiled networks do not need; it is read again if need be."""
        with self._lock:
            self._graphs.clear()
            self.file = runnable(self.path)

    def engine(self, runtime: str) -> Runtime:
        """What runs the network, or what was made of it: within limits, unless it is known."""
        if self._is_known:
            return RUNTIMES[runtime]
        from predictors.runtimes.confined import confined

        return confined(runtime, self.file)

    @property
    def _is_known(self) -> bool:
        """Whether a digest vouches for the file."""
        return self.file.sha256 in self.vouched

    def try_out(self, graph: PrunedGraph, patch: tuple[int, ...]) -> bool:
        """Run a patch within limits, before other processes compile the network.

        Returns
        -------
        bool
            Whether it may run in this process.

        Raises
        ------
        IntegrityError
            It does not run within them.
        """
        if self._is_known:
            return True
        from predictors.runtimes.confined import tried

        rows = graph.shape[0] if graph.shape and graph.shape[0] > 0 else usual_batch(patch)
        return tried(self.runtime, self.file, graph, (rows, *patch)) is None

    def network(
        self,
        graph: PrunedGraph,
        patch: tuple[int, ...],
        batch: int | None = None,
        once: bool = False,
    ) -> CompiledNetwork:
        """The network, compiled for patches of a shape; held, unless for a batch of one's own.

        Where a digest vouches for it, the store keeps it, unless it is needed only once.
        """
        runtime = self.engine(self.runtime)
        keeps = self._is_known and self.runtime == "openvino" and not once
        keeping = partial(openvino, keep=True) if keeps else None
        if batch is not None:
            return CompiledNetwork(graph, patch, runtime, batch, keeping)
        key = (graph.outputs, patch)
        with self._lock:
            if key not in self._networks:
                self._networks[key] = CompiledNetwork(graph, patch, runtime, keeping=keeping)
            return self._networks[key]

    def overlapping(
        self,
        graph: PrunedGraph,
        patch: tuple[int, ...],
        axis: int,
        hop: int,
        batch: int | None = None,
        patches: int | None = None,
    ) -> OverlappingNetwork | None:
        """The network, compiled so that patches share the frames that they have in common.

        Parameters
        ----------
        graph : PrunedGraph
        patch : tuple of int
            Shape of one patch.
        axis : int
            Of the frames, in a batch of patches.
        hop : int
            Distance of the patches, in frames.
        batch : int, optional
            Patches run at once.
        patches : int, optional
            So many more overlap with one before them. It is compiled at once where this is not
            told.

        Returns
        -------
        OverlappingNetwork or None
            Kept. None before `PATIENCE` patches, and where sharing gains nothing, see
            `freeze.graph.sharing.sharing`, or cannot be had: of a network with a batch of its
            own, or that runs elsewhere than in this process, in OpenVINO.
        """
        if self.runtime != "openvino" or graph.shape[:1] != (-1,):
            return None
        key = (graph.outputs, patch, axis, hop, batch)
        with self._lock:
            if key not in self._overlapping:
                self._seen[key] += PATIENCE if patches is None else patches
                if self._seen[key] < PATIENCE:
                    return None
                self._overlapping[key] = None
                if isinstance(graph.definition, NetworkFile):
                    return None
                from freeze.graph.sharing import sharing

                found = sharing(graph.definition, graph.outputs, graph.input, patch, axis, hop)
                if found and self.try_out(graph, patch):
                    proof = proof_of_rows(graph, patch) if batch is None else None
                    keeps = self._is_known and batch is None
                    size = batch or longest_batch(patch)
                    self._overlapping[key] = overlapping(found, size, proof, keeps)
            return self._overlapping[key]

    def segmented(
        self, outputs: tuple[str, ...], patch: tuple[int, ...], segment: int, frame: int
    ) -> SegmentedNetwork | None:
        """The network, compiled to run each segment of a signal once; the graph is forgotten.

        Parameters
        ----------
        outputs : tuple of str
        patch, segment, frame
            See `predictors.runtimes.segmented.SegmentedNetwork`.

        Returns
        -------
        SegmentedNetwork or None
            Kept. None where it does not hear segments, or runs elsewhere than in this process,
            in OpenVINO.
        """
        from predictors.runtimes.segmented import segmented

        key = (outputs, patch)
        with self._lock:
            if key not in self._segmented:
                read = partial(self._taken, outputs)
                runs = self.runtime == "openvino" and self.file.kind != "onnx"
                runs = runs and self.try_out(self.graph(*outputs), patch)
                self._segmented[key] = segmented(read, patch, segment, frame) if runs else None
            return self._segmented[key]

    def _taken(self, outputs: tuple[str, ...]) -> PrunedGraph:
        graph = self.graph(*outputs)
        self.forget()
        return graph


def _restored(
    record: Record,
    path: Path,
    sha256: str,
    extractor: Model | None,
    runtime: str,
    vouched: Collection[str],
    locate: Locate | None,
) -> Model:
    """A model that was pickled, perhaps on another machine."""
    file = runnable(path)
    if locate and not (path.exists() and file.sha256 == sha256):
        file = runnable(locate(record, sha256))
    return Model(record, file, extractor, runtime, vouched, locate)
