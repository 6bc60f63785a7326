"""What one node reads and computes, by the signature of its operation."""

from __future__ import annotations

from typing import Any

from freeze.formats.dtypes import BY_SHORT
from freeze.operations.table import Argument, Operation

MOST = 1 << 16
"""Tensors that one argument may stand for."""

Types = list[int]
"""Element types by their numbers; 0 where an attribute that is missing would tell."""


def reads(node: Any, operation: Operation) -> Types:
    """The element types of the tensors that a node must read."""
    return [kind for argument in operation.inputs for kind in _types(argument, node, operation)]


def computes(node: Any, operation: Operation) -> Types:
    """The element types of the tensors that a node computes."""
    return [kind for argument in operation.outputs for kind in _types(argument, node, operation)]


def ports(node: Any, operation: Operation) -> dict[str, range]:
    """Where the tensors of each output lie among all that a node computes, by its name.

    Function bodies refer to them so: ``node:output:0``.
    """
    found, start = {}, 0
    for argument in operation.outputs:
        end = start + len(_types(argument, node, operation))
        found[argument.name] = range(start, end)
        start = end
    return found


def element(node: Any, operation: Operation, attribute: str) -> int:
    """The element type that an attribute names, or its default."""
    if attribute in node.attr:
        return int(node.attr[attribute].type)
    told = operation.attributes.get(attribute)
    return BY_SHORT.get(told.default or "", 0) if told else 0


def integer(node: Any, operation: Operation, attribute: str) -> int:
    """The value of a whole number among the attributes, or its default."""
    if attribute in node.attr:
        return int(node.attr[attribute].i)
    told = operation.attributes.get(attribute)
    return int(told.default or 0) if told else 0


def _types(argument: Argument, node: Any, operation: Operation) -> Types:
    if argument.is_list:
        return list(node.attr[argument.type].list.type) if argument.type in node.attr else []
    kind = BY_SHORT.get(argument.type) or element(node, operation, argument.type)
    if not argument.number:
        return [kind]
    return [kind] * min(max(integer(node, operation, argument.number), 0), MOST)
