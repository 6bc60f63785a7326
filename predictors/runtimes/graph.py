"""A network's graph, pruned to the outputs that are asked of it."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from freeze import operations
from freeze.network_file import NetworkFile
from predictors.runtimes import notes

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.record import Record


@dataclass(frozen=True)
class PrunedGraph:
    """A graph that is ready to run, as it has nothing but operations that are allowed.

    Attributes
    ----------
    definition : GraphDef or NetworkFile
        Pruned to the outputs; or an ONNX model, whole.
    input : str
        Its only placeholder.
    shape : tuple of int
        Of the placeholder; -1 for any size.
    outputs : tuple of str
        Nodes, with ``:index`` where it is not 0.
    also : frozenset of str
        Operations that are allowed beyond the lists.
    name : str
        For messages: the file's.

    Raises
    ------
    IntegrityError
        It has other operations, see `freeze.operations.allowed`; or its constants ask for more
        than there is, see `freeze.operations.bounds`.
    """

    definition: Any
    input: str
    shape: tuple[int, ...]
    outputs: tuple[str, ...]
    also: frozenset[str] = frozenset()
    name: str = "The network"

    def __post_init__(self) -> None:
        from freeze.operations import allowed, bounds

        if isinstance(self.definition, NetworkFile):
            others = set(self.definition.content.foreign) - self.also
            allowed.refuse(sorted(others), str(self.definition.path))
        else:
            allowed.require(self.definition, self.outputs, self.name, self.also)
            bounds.require(self.definition, self.name)

    def key(self, *told: object) -> str:
        """A digest of the graph, its input and outputs, and of what else is told."""
        return digest(self.digest, self.input, self.outputs, told)

    @cached_property
    def digest(self) -> str:
        """Of the definition."""
        if isinstance(self.definition, NetworkFile):
            return digest(*(path.read_bytes() for path in self.definition.files()))
        from freeze.formats.graphdef import serialize

        return digest(serialize(self.definition))


class NotedGraph(PrunedGraph):
    """A graph that is read when more is asked of it than a note tells; it was judged before that.

    Parameters
    ----------
    read : callable
        Gives the definition.
    digest : str
    input, shape, outputs
        See `PrunedGraph`.
    """

    _read: Callable[[], Any]

    def __init__(
        self,
        read: Callable[[], Any],
        digest: str,
        input: str,
        shape: tuple[int, ...],
        outputs: tuple[str, ...],
    ) -> None:
        told = {"digest": digest, "input": input, "shape": shape, "outputs": outputs}
        self.__dict__.update(told, _read=read)

    @cached_property
    def definition(self) -> Any:
        return self._read()


def digest(*told: object) -> str:
    """A digest of what is told, as Python would write it."""
    found = hashlib.sha256()
    for each in told:
        found.update(each if isinstance(each, bytes) else repr(each).encode())
        found.update(b"\0")
    return found.hexdigest()


def noted(file: NetworkFile, record: Record, outputs: tuple[str, ...]) -> PrunedGraph:
    """What `pruned` gives, of which a note is made: next time nothing is read, pruned or judged."""
    if file.kind != "graph":
        return pruned(file, record, outputs)
    fed = [layer.name for layer in record.inputs]
    key = digest("pruned", _judges(), file.sha256, outputs, record.training_flags, fed)
    with suppress(ValueError):  # there is none, or it is damaged
        found, input, shape = json.loads(notes.told(key))
        read = partial(_definition, file, record, outputs)
        return NotedGraph(read, found, input, tuple(shape), outputs)
    graph = pruned(file, record, outputs)
    notes.make(key, json.dumps([graph.digest, graph.input, graph.shape]))
    return graph


@cache
def _judges() -> str:
    """A digest of what prunes and judges, by the sizes and times of its files."""
    room = Path(operations.__file__).parents[1]
    files = sorted(path for path in room.rglob("*.*") if path.suffix != ".pyc")
    found = ((path.name, path.stat()) for path in files)
    return digest(*((name, stat.st_size, stat.st_mtime_ns) for name, stat in found))


def pruned(file: NetworkFile, record: Record, outputs: tuple[str, ...]) -> PrunedGraph:
    """Keep what outputs need of the network itself, without a front-end before it.

    Raises
    ------
    NotFoundError
        No such output.
    UsageError
        The outputs need more inputs than one; or an ONNX model reads audio.
    IntegrityError
        The outputs depend on operations that are not allowed, be it by a control edge that
        pruning drops.
    """
    definition = _definition(file, record, outputs)
    graph = file.graph if definition is file else definition
    inputs = [node for node in graph.node if node.op == "Placeholder"]
    if len(inputs) != 1:
        raise UsageError(
            f"{record.id} cannot be run.",
            why=f"It has {len(inputs)} inputs: {', '.join(node.name for node in inputs)}.",
            hint=f"See: zoo inspect {file.path}",
        )
    shape = tuple(axis.size for axis in inputs[0].attr["shape"].shape.dim)
    if file.kind == "onnx" and len(shape) == 1:
        raise UsageError(
            f"{file.path} cannot be run.",
            why="It reads audio, and the front-end cannot be removed from an ONNX model.",
            hint="Export it without the front-end: zoo export NAME --to onnx",
        )
    return PrunedGraph(definition, inputs[0].name, shape, outputs, name=str(file.path))


def _definition(file: NetworkFile, record: Record, outputs: tuple[str, ...]) -> Any:
    """What `pruned` keeps; an ONNX model is kept whole."""
    from freeze.formats import graphdef
    from freeze.graph.prune import prune
    from freeze.operations import allowed
    from freeze.operations.attributes import complete

    if file.kind == "onnx":
        tensors = graphdef.by_name(file.graph)
        for name in outputs:
            graphdef.find(tensors, f"{name}:0" if f"{name}:0" in tensors else name)
        return file
    network = _network(file, record)
    allowed.require(network, outputs, str(file.path))
    return complete(prune(network, outputs, record.training_flags))


def _network(file: NetworkFile, record: Record) -> Any:
    """The graph of a file, of an export without the front-end that leads to the record's inputs."""
    from freeze.formats import graphdef
    from freeze.formats.messages import GraphDef
    from freeze.graph.cut import cut

    graph = file.graph
    if file.kind == "tfjs":
        from freeze.formats.fused import split

        graph = split(graph)
    nodes = graphdef.by_name(graph)
    found = (
        next((n for n in (f"network/{layer.name}", layer.name) if n in nodes), None)
        for layer in record.inputs
    )
    # A placeholder with a default is cut, too: the default would be taken for a constant.
    if inputs := [name for name in found if name and nodes[name].op != "Placeholder"]:
        whole, graph = graph, GraphDef()
        graph.CopyFrom(whole)
        for name in inputs:
            cut(graph, [name])
    return graph
