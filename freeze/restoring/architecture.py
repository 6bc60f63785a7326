"""A checkpoint in a graph that its authors' Python function builds."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, NotFoundError, UsageError
from freeze.child import sentence
from freeze.restoring.restored_model import RestoredModel


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
