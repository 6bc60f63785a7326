"""What only TensorFlow can do, in a process of its own: the child of `freeze.with_tensorflow`.

Graphs and arrays go through files in a folder that the requests name; see `freeze.child`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, NotFoundError, UsageError, WrongKindError
from freeze.child import sentence, serve
from freeze.formats.checkpoint import Checkpoint
from freeze.formats.graphdef import by_name, source
from freeze.formats.graphdef import read as read_graph
from freeze.formats.messages import GraphDef
from freeze.formats.savedmodel import FILE, SERVED, VARIABLES, read
from freeze.frozen import variable_key
from freeze.graph import inference, walk
from freeze.graph.cut import cut
from freeze.graph.prune import PLACEMENT
from freeze.graph.state import refuse_state, state
from freeze.operations.allowed import RESTORING, TRAINED, require

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
        fed = {tensor(name): value for name, value in feeds.items() if name in names}
        here = [name for name in outputs if source(name).node in names]
        values = self.session.run([tensor(name) for name in here], fed)
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


def tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _placeholders(graph: Any) -> list[str]:
    return [each.name for each in graph.get_operations() if each.type == "Placeholder"]


def session_of(definition: Any) -> Any:
    """A session of an imported graph."""
    from tensorflow.compat import v1

    with v1.Graph().as_default() as graph:
        v1.import_graph_def(definition, name="")
    return v1.Session(graph=graph)


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
            variable = session.graph.get_tensor_by_name(tensor(node.name))
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


def architecture(function: str, prefix: str, averages: Mapping[str, str]) -> RestoredModel:
    """Restore a checkpoint into a graph that a Python function builds, as in TensorFlow 1.

    Where variables have a moving average, its name stands for the variable's.
    """
    from tensorflow.compat import v1

    v1.disable_control_flow_v2()
    v1.disable_resource_variables()
    with v1.Graph().as_default() as graph:
        built = build(function)
        variables = v1.global_variables()
        if not variables:
            raise UsageError(f"{function} builds no variables.", hint=_BUILD)
        saved = v1.train.NewCheckpointReader(prefix).get_variable_to_shape_map()
        wrong = [v for v in variables if saved.get(v.op.name) != v.shape.as_list()]
        if wrong:
            name, there = wrong[0].op.name, saved.get(wrong[0].op.name)
            raise IntegrityError(
                f"{function} builds a different network from the one saved in {prefix}.",
                why=f"{name} {wrong[0].shape.as_list()} is {there or 'not'} there.",
            )
        session = v1.Session(graph=graph)
        names = [averages.get(v.op.name, v.op.name) for v in variables]
        v1.train.Saver(dict(zip(names, variables, strict=True))).restore(session, prefix)
    tensors = [each for each in _flat(built) if hasattr(each, "op") and each.op.inputs]
    outputs = [each.name.removesuffix(":0") for each in tensors]
    return RestoredModel(session, outputs, definition=graph.as_graph_def())


_BUILD = "It must build the network with tf.compat.v1 in the graph that is current."


def build(name: str) -> Any:
    """Call the function ``package.module:function``, found as ``python -m`` would find it."""
    module, _, function = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise NotFoundError(f"There is no function {name}.", why=str(error)) from None
    try:
        return found()
    except Exception as error:
        raise UsageError(
            f"{name} fails.", why=f"{type(error).__name__}: {sentence(error)}", hint=_BUILD
        ) from None


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def graph(path: str, outputs: Sequence[str], inputs: Sequence[str]) -> RestoredModel:
    """Import what outputs need of a graph of constants, a SavedModel's own or a frozen one."""
    from tensorflow.compat import v1

    file = Path(path) / FILE
    found = read(file).graph if file.is_file() else read_graph(Path(path))
    definition = needed(found, outputs, inputs)
    require(definition, outputs, path)
    return RestoredModel(session_of(v1.GraphDef.FromString(definition.SerializeToString())))


def savedmodel(folder: str) -> RestoredModel:
    """Load a SavedModel and freeze its serving signature."""
    import tensorflow as tf

    refuse_effects(Path(folder))
    model = tf.saved_model.load(folder)
    signatures = dict(model.signatures)
    function = signatures.get(SERVED) or next(iter(signatures.values()))
    arguments = tf.nest.flatten(function.structured_input_signature)
    keys = [argument.name for argument in arguments]

    def call(values: Sequence[Any]) -> Any:
        return function(**dict(zip(keys, values, strict=True)))

    return frozen(function, call, len(keys), model.tensorflow_version)


def refuse_effects(folder: Path) -> None:
    """Refuse a SavedModel that does more than compute when it is loaded, or run.

    TensorFlow runs what restores it, and initializers, as soon as it loads a model.
    """
    model = read(folder / FILE)
    if model.resources:
        raise IntegrityError(
            f"{folder} is not loaded.",
            why=f"It has tables or other resources ({', '.join(model.resources[:3])}), which "
            "functions of its own make, maybe from files.",
            hint="Save it without them: feed numbers where it looks texts up.",
        )
    also = TRAINED
    require(model.graph, [*model.outputs, *model.initializers], str(folder), also)
    if model.restorer:
        require(model.graph, [model.restorer], str(folder), also | RESTORING)


def keras(path: str) -> RestoredModel:
    """Load a Keras model, of layers only, and freeze it as it is at inference."""
    import tensorflow as tf

    refuse_code(path)
    model = _keras_of(path).models.load_model(path, compile=False, safe_mode=True)
    if not getattr(model, "inputs", None):
        raise UsageError(f"{path} has no inputs of known shape.", hint="Build it before saving.")
    specs = [tf.TensorSpec(each.shape, each.dtype, name=each.name) for each in model.inputs]

    def infer(*values: Any) -> Any:
        return model(values[0] if len(values) == 1 else list(values), training=False)

    function = tf.function(infer).get_concrete_function(*specs)
    refuse_state(path, _state(function), _STATELESS)
    return frozen(function, lambda values: function(*values), len(specs), tf.__version__)


_STATELESS = "Save it with the same weights, and without stateful=True in its layers"


def _state(function: Any) -> list[tuple[str, str]]:
    """The variables, by their names, that a function changes."""
    names = {id(each.handle): each.name for each in function.graph.variables}
    captured = {inside.op.name: names.get(id(it)) for it, inside in function.graph.captures}
    outputs = [each.op.name for each in function.outputs]
    found = state(GraphDef.FromString(function.graph.as_graph_def().SerializeToString()), outputs)
    return [(captured.get(variable) or variable, node) for variable, node in found.items()]


def _keras_of(path: str) -> Any:
    """The Keras that a file was saved with: Keras 3 does not know all layers of Keras 2."""
    import h5py

    if h5py.is_hdf5(path):
        with h5py.File(path, "r") as file:
            if str(file.attrs.get("keras_version", "")).startswith("2."):
                import tf_keras

                return tf_keras
    import keras

    return keras


def refuse_code(path: str) -> None:
    """Refuse a Keras file with Lambda layers: they are Python code, which loading may run."""
    import zipfile

    import h5py

    if not zipfile.is_zipfile(path) and not h5py.is_hdf5(path):
        raise WrongKindError(f"{path} is not a Keras file.", why="It is neither a zip nor HDF5.")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            config = archive.read("config.json")
    else:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config", "{}")
    waiting = [json.loads(config)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("class_name") in ("Lambda", "__lambda__"):
                raise UsageError(
                    f"{path} is not loaded.",
                    why="It has a Lambda layer: Python code that would run.",
                    hint="Replace the Lambda with layers, or save the model with model.export.",
                )
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


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


SOURCES: dict[str, Callable[..., RestoredModel]] = {
    "checkpoint": checkpoint,
    "graph": graph,
    "architecture": architecture,
    "savedmodel": savedmodel,
    "keras": keras,
}


class Answers:
    """The answers to one parent's requests: each names in ``do`` what to do."""

    def __init__(self) -> None:
        self.network: RestoredModel | None = None

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self, request.pop("do"))(**request)
        return answer

    def load(self, kind: str, arguments: Sequence[Any], graph: str) -> dict[str, Any]:
        """Restore a network and write down its graph, where it is not the checkpoint's own."""
        self.network = SOURCES[kind](*arguments)
        if self.network.definition is not None:
            Path(graph).write_bytes(self.network.definition.SerializeToString())
        return {"outputs": self.network.outputs, "version": self.network.version}

    def run(
        self, outputs: Sequence[str], fed: Sequence[str], values: str, file: str, to: str
    ) -> dict[str, Any]:
        """Run the restored network, or a frozen file, on the same values."""
        import numpy as np
        from tensorflow.compat import v1

        network = self.network
        if file:
            network = RestoredModel(session_of(v1.GraphDef.FromString(Path(file).read_bytes())))
        assert network is not None
        with np.load(values) as arrays:
            feeds = dict(zip(fed, arrays.values(), strict=True))
        found = network.run(outputs, feeds)
        np.savez(to, *found.values())
        return {"outputs": list(found)}


if __name__ == "__main__":
    serve(Answers())
