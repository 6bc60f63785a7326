"""The node rewrite that makes a training graph importable once its variables are constants.

A variable hands on references, a constant cannot: operations on references
become operations on values.
"""

from __future__ import annotations

from typing import Any

from freeze.formats import graphdef

_ON_VALUES = {
    "RefSwitch": "Switch",
    "RefMerge": "Merge",
    "RefIdentity": "Identity",
    "AssignSub": "Sub",
    "AssignAdd": "Add",
    "Assign": "Identity",
}
_OF_REFERENCES = ("use_locking", "validate_shape")
_MOVING = ("moving_mean", "moving_variance")


def rewrite(graph: Any) -> None:
    """Turn operations on references into operations on values, in place.

    ``Assign`` becomes the value that it assigns, ``AssignSub`` and ``AssignAdd``
    the sum that they store, ``RefSwitch`` a ``Switch`` whose moving averages come
    through their ``/read`` node.

    Parameters
    ----------
    graph : GraphDef
    """
    nodes = graphdef.by_name(graph)
    for node in graph.node:
        if node.op == "RefSwitch":
            for index, name in enumerate(node.input):
                if name.endswith(_MOVING) and f"{name}/read" in nodes:
                    node.input[index] = f"{name}/read"
        elif node.op == "Assign":
            del node.input[:1]
        if node.op in _ON_VALUES:
            node.op = _ON_VALUES[node.op]
            for attribute in _OF_REFERENCES:
                node.attr.pop(attribute, None)
