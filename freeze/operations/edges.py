"""Do the nodes of a graph read what exists, in the right number, order and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from freeze.formats import dtypes
from freeze.formats.graphdef import Source, source
from freeze.operations import signature
from freeze.operations.table import Operation, operation


def known(node: Any, library: Mapping[str, Any]) -> Operation | None:
    """The operation of a node, unless a function of the file has its name."""
    return None if node.op in library else operation(node.op)


def order(node: Any) -> Iterator[str]:
    """Say where control edges stand before data."""
    kinds = [reference.startswith("^") for reference in node.input]
    if kinds != sorted(kinds):
        yield f"{node.name} names control edges before what it reads"


def missing(node: Any, nodes: Mapping[str, Any], library: Mapping[str, Any]) -> Iterator[str]:
    """Say what a node of the graph reads that does not exist."""
    for reference in node.input:
        name, index = source(reference)
        if name not in nodes:
            yield f"{node.name} reads {reference or 'nothing'}"
        elif index >= 0:
            told = known(nodes[name], library)
            if told and index >= len(signature.computes(nodes[name], told)):
                yield f"{node.name} reads {reference}"


def count(node: Any, told: Operation) -> Iterator[str]:
    """Compare how many tensors a node reads with how many its operation does."""
    reads = sum(not reference.startswith("^") for reference in node.input)
    wanted = len(signature.reads(node, told))
    if reads != wanted:
        yield f"{node.name} ({node.op}) reads {reads} tensors, not {wanted}"


def mismatched(
    node: Any, told: Operation, sources: Mapping[str, Any], library: Mapping[str, Any]
) -> Iterator[str]:
    """Compare the element types that a node of the graph reads with those that it is given."""
    reads = [source(reference) for reference in node.input if not reference.startswith("^")]
    for given, wanted in zip(reads, signature.reads(node, told), strict=False):
        found = given_type(given, sources, library)
        if found and wanted and found != wanted:
            yield f"{node.name} reads {given} of {_name(found)} as {_name(wanted)}"


def given_type(given: Source, nodes: Mapping[str, Any], library: Mapping[str, Any]) -> int:
    """The element type of a tensor, 0 where it is not known."""
    node = nodes.get(given.node)
    told = known(node, library) if node is not None else None
    types = signature.computes(node, told) if told else []
    return types[given.output] if given.output < len(types) else 0


def _name(number: int) -> str:
    return dtypes.name(number) or dtypes.SHORT.get(number, str(number))
