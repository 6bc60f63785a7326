"""A TensorFlow 1 graph: one of constants as it is, or its variables as a checkpoint has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from freeze.formats.checkpoint import Checkpoint
from freeze.formats.graphdef import by_name, source, tensor_name
from freeze.formats.graphdef import read as read_graph
from freeze.formats.messages import GraphDef
from freeze.formats.savedmodel import FILE, VARIABLES, read
from freeze.frozen import variable_key
from freeze.graph import inference, walk
from freeze.graph.cut import cut
from freeze.graph.prune import PLACEMENT
from freeze.operations.allowed import TRAINED, require
from freeze.restoring.restored_model import RestoredModel, session_of


def graph(path: str, outputs: Sequence[str], inputs: Sequence[str]) -> RestoredModel:
    """Import what outputs need of a graph of constants, a SavedModel's own or a frozen one."""
    from tensorflow.compat import v1

    file = Path(path) / FILE
    found = read(file).graph if file.is_file() else read_graph(Path(path))
    definition = needed(found, outputs, inputs)
    require(definition, outputs, path)
    return RestoredModel(session_of(v1.GraphDef.FromString(definition.SerializeToString())))


def checkpoint(
    prefix: str, outputs: Sequence[str], inputs: Sequence[str], averages: bool
) -> RestoredModel:
    """Restore what outputs need of a checkpoint into its graph, of a ``.meta`` or a SavedModel.

    The graph is judged first, and its own operations that restore it are not run: the values
    are read by zoo.
    """
    import tensorflow as tf
    from tensorflow.compat import v1

    saved = Checkpoint.open(prefix)
    if averages:
        saved.take_averages()
    model = Path(prefix).parent.parent / FILE
    is_served = Path(prefix).parent.name == VARIABLES.parent.name and model.is_file()
    whole = read(model).graph if is_served else saved.metagraph().graph_def
    definition = needed(whole, outputs, inputs)
    require(definition, outputs, prefix, TRAINED)
    session = session_of(v1.GraphDef.FromString(definition.SerializeToString()))
    with session.graph.as_default():
        for node in definition.node:
            key = variable_key(node, saved)
            if node.op not in inference.VARIABLES or key not in saved.entries:
                continue
            values = saved.tensor(key)
            fed = v1.placeholder(values.dtype, values.shape)
            variable = session.graph.get_tensor_by_name(tensor_name(node.name))
            if node.op == "VarHandleOp":
                assign = tf.raw_ops.AssignVariableOp(resource=variable, value=fed)
            else:
                assign = v1.assign(variable, fed, validate_shape=False).op
            session.run(assign, {fed: values})
    return RestoredModel(session)


def needed(graph: Any, outputs: Sequence[str], inputs: Sequence[str]) -> Any:
    """What outputs need of a graph that is cut at inputs, its control edges included."""
    names = {node.name for node in graph.node}
    cut(graph, [name for name in inputs if name.removesuffix(":0") in names])
    nodes = by_name(graph)
    reached = walk.reachable(nodes, [source(output).node for output in outputs])
    kept = [node for node in graph.node if node.name in reached]
    for node in kept:
        for attribute in PLACEMENT:  # TensorFlow's own inference may contradict them by now
            node.attr.pop(attribute, None)
        node.ClearField("device")
    found = GraphDef(node=kept, versions=graph.versions)
    library = walk.functions(graph)
    found.library.function.extend(library[name] for name in walk.called(kept, library))
    return found
