"""A network on its way into another format: what it takes, what it gives, what it means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError, NotFoundError, UsageError
from freeze.formats import graphdef
from freeze.formats.dtypes import NAMES
from freeze.shapes.propagation import infer

if TYPE_CHECKING:
    from catalog.record import Document, Record
    from freeze.shapes.shape import Shape
    from predictors.features.families import Family

AUDIO = "audio"
"""The input of a network that has its front-end with it: mono samples [shape=(samples,)]."""

FEATURES = "melspectrogram"
"""The node between front-end and patches [shape=(frames, bands)]; can be fed and fetched."""

SIGNAL = "signal"
"""The node between a whole clip's normalisation and the front-end [shape=(samples,)]."""


@dataclass(frozen=True)
class TensorSpec:
    """An input or output of a network.

    Attributes
    ----------
    name : str
        As the record's schema has it: a node, with ``:index`` where it is not 0.
    dtype : str
        TensorFlow's name.
    shape : tuple of (int or None), or None
        None for an axis of any size, or where nothing is known.
    """

    name: str
    dtype: str
    shape: Shape


@dataclass(frozen=True)
class Patches:
    """The node that hands on the patches of the audio to the network behind a front-end.

    Attributes
    ----------
    node : str
    shape : tuple of int
        Of one patch.
    axis : int
        Of the frames, in a batch of patches.
    hop : int
        From patch to patch, in frames.
    """

    node: str
    shape: tuple[int, ...]
    axis: int
    hop: int


@dataclass(frozen=True)
class ExportGraph:
    """A pruned network with all that its readers need to know.

    Attributes
    ----------
    graph : GraphDef
        Nothing but what the outputs need; nodes stand after those that they read.
    inputs, outputs : tuple of TensorSpec
    metadata : dict
        For ``userDefinedMetadata`` of TensorFlow.js and ``metadata_props`` of ONNX.
    patches : Patches, optional
        Where there is a front-end, and patches that overlap have frames in common.
    """

    graph: Any
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    metadata: Document = field(default_factory=dict)
    patches: Patches | None = None

    @property
    def predictions(self) -> TensorSpec:
        """The output that is asked for where none is named: the first if none is of predictions."""
        purposes = self.metadata.get("zoo", {}).get("outputs", {})
        named = (port for port in self.outputs if purposes.get(port.name) == "predictions")
        return next(named, self.outputs[0])

    @classmethod
    def of(
        cls, graph: Any, outputs: Iterable[str], record: Record, family: Family | None = None
    ) -> ExportGraph:
        """Describe a pruned network.

        Parameters
        ----------
        graph : GraphDef
        outputs : iterable of str
            Its layers to keep, as the record names them.
        record : Record
        family : Family, optional
            How it is fed; None of a head alone.

        Raises
        ------
        UsageError
            The network has no input.
        IntegrityError
            An input has no element type.
        NotFoundError
            A node has no such output.
        """
        shapes = infer(graph)
        nodes = graphdef.by_name(graph)
        inputs = tuple(
            TensorSpec(node.name, _type(node), shapes[node.name][0])
            for node in graph.node
            if node.op == "Placeholder"
        )
        if not inputs:
            raise UsageError(f"{record.id} has no input.", why="Its outputs depend on none.")
        ends = tuple(_output(name, nodes, shapes) for name in outputs)
        fed = inputs[0].name
        return cls(graph, inputs, ends, {"zoo": metadata(record, fed, ends, family)})


def _output(name: str, nodes: dict[str, Any], shapes: dict[str, list[Shape]]) -> TensorSpec:
    node, index = graphdef.source(name)
    known = shapes.get(node, [])
    if known and index >= len(known):
        raise NotFoundError(f"The graph has no output {name}.", why=f"{node} has {len(known)}.")
    dtype = NAMES.get(graphdef.type_of(nodes[node], "T"), "") or "float32"
    return TensorSpec(name, dtype, known[index] if index < len(known) else None)


def metadata(
    record: Record, fed: str, outputs: Iterable[TensorSpec], family: Family | None
) -> Document:
    """What a reader of the exported file needs to know of the model.

    Returns
    -------
    dict
        ``id``, ``classes``, ``license`` and the ``record``, with no layers but these; ``input``,
        the name of the input to feed; ``outputs``, each layer with its purpose; ``sample_rate``,
        ``frontend``, ``patch`` (frames, hop) and ``algorithm`` where it is fed audio or features.
    """
    outputs = list(outputs)
    purposes = {layer.name: layer.purpose for layer in record.outputs}
    told: Document = {
        "id": record.id,
        "classes": list(record.classes),
        "license": record.license,
        "input": fed,
        "outputs": {port.name: purposes.get(port.name, "") for port in outputs},
        "record": _with_layers(record, {port.name for port in outputs}),
    }
    if family:
        told |= {
            "algorithm": family.algorithm,
            "sample_rate": family.frontend.sample_rate,
            "frontend": asdict(family.frontend),
            "patch": {"frames": family.frames, "hop": family.hop},
            "normalize": family.normalize,
        }
    return told


def _with_layers(record: Record, names: set[str]) -> Document:
    """The record of a network that has only these of its layers."""
    if names.issuperset(layer.name for layer in record.outputs):
        return record.document
    schema = record.document["schema"]
    pairs = zip(schema["outputs"], record.outputs, strict=True)
    kept = [described for described, layer in pairs if layer.name in names]
    return {**record.document, "schema": {**schema, "outputs": kept}}


def _type(placeholder: Any) -> str:
    """The element type of an input."""
    name = NAMES.get(graphdef.type_of(placeholder, "dtype"))
    if name is None:
        why = f"{placeholder.name} has no element type."
        raise IntegrityError("The graph is damaged.", why=why)
    return name
