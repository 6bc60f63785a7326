"""A network as TensorFlow restored it: what a frozen file is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from freeze.formats.graphdef import source, tensor_name

Arrays = dict[str, Any]


class RestoredModel:
    """A network as TensorFlow restored it, which frozen files are compared with.

    Parameters
    ----------
    session : tf.compat.v1.Session
        Of a graph in which every tensor can be asked for by name.
    outputs : sequence of str
        Nodes that the model declares as its outputs.
    call : callable, optional
        The model itself: from the values of its inputs, by node, to those of its outputs.
    definition : GraphDef, optional
        To freeze; the checkpoint's own ``.meta`` if absent.
    version : str
        Of the TensorFlow that wrote the model, where it is known.
    """

    def __init__(
        self,
        session: Any,
        outputs: Sequence[str] = (),
        call: Callable[[Arrays], Sequence[Any]] | None = None,
        definition: Any = None,
        version: str = "",
    ) -> None:
        self.session = session
        self.outputs = list(outputs)
        self.call = call
        self.definition = definition
        self.version = version

    def run(self, outputs: Sequence[str], feeds: Arrays) -> Arrays:
        """Compute nodes, as far as they are here; what the model returns is taken from itself."""
        graph = self.session.graph
        names = {operation.name for operation in graph.get_operations()}
        fed = {tensor_name(name): value for name, value in feeds.items() if name in names}
        here = [name for name in outputs if source(name).node in names]
        values = self.session.run([tensor_name(name) for name in here], fed)
        found = dict(zip(here, values, strict=True))
        if self.call is not None and all(name in feeds for name in _placeholders(graph)):
            for end, value in zip(self.outputs, self.call(feeds), strict=True):
                for name in self._handing_on(end) & found.keys():
                    found[name] = value
        return found

    def _handing_on(self, name: str) -> set[str]:
        """A node, and those whose output it hands on."""
        node, _, index = name.partition(":")
        if index not in ("", "0"):
            return {name}
        operation, names = self.session.graph.get_operation_by_name(node), {node}
        while operation.type == "Identity" and operation.inputs[0].value_index == 0:
            operation = operation.inputs[0].op
            names.add(operation.name)
        return names


def _placeholders(graph: Any) -> list[str]:
    return [each.name for each in graph.get_operations() if each.type == "Placeholder"]


def session_of(definition: Any) -> Any:
    """A session of an imported graph."""
    from tensorflow.compat import v1

    with v1.Graph().as_default() as graph:
        v1.import_graph_def(definition, name="")
    return v1.Session(graph=graph)


def frozen(function: Any, call: Callable[..., Any], count: int, version: str) -> RestoredModel:
    """Make the variables of a function constants; `count` of its inputs are arguments."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    constant = convert_variables_to_constants_v2(function)
    inputs = [each.op.name for each in function.inputs[:count]]
    definition = constant.graph.as_graph_def()

    def run(feeds: Arrays) -> list[Any]:
        values = [tf.constant(feeds[name]) for name in inputs]
        return [value.numpy() for value in tf.nest.flatten(call(values))]

    outputs = [each.name.removesuffix(":0") for each in constant.outputs]
    return RestoredModel(session_of(definition), outputs, run, definition, version)
