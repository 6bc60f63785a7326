"""Are a node's name, its device and the nodes that it belongs to well-formed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")
LATEST = 2129
"""The version of graphs that TensorFlow 2.19 writes; what needs a later one, it refuses."""

_PART = re.compile(
    r"/?((job:(?P<job>[A-Za-z]\w*))|(replica:(?P<replica>\d+|\*))|(task:(?P<task>\d+|\*))"
    r"|(device:[A-Za-z]\w*(:(\d+|\*))?)|((cpu|gpu|CPU|GPU):(\d+|\*)))?"
)
_HERE = {"job": ("localhost",), "replica": ("0", "*"), "task": ("0", "*")}


def problems(node: Any, names: Collection[str]) -> Iterator[str]:
    """Say what is wrong with the names that a node has and uses."""
    if not NAME.fullmatch(node.name):
        yield f"the name {node.name[:80]!a}"
    if not all(map(_PART.fullmatch, _device(node).split("/"))):
        yield f"the device {node.device[:80]!a} of {node.name}"
    if "_class" in node.attr:
        if node.attr["_class"].WhichOneof("value") != "list":
            yield f"no list of what {node.name} is beside"
        for name in node.attr["_class"].list.s:
            other = name.decode("utf-8", "replace").removeprefix("loc:@")
            if name.startswith(b"loc:@") and other not in names:
                yield f"{node.name} beside {other[:80]!a}, which does not exist"


def elsewhere(node: Any) -> Iterator[str]:
    """Say where a node would run, if that is another machine."""
    for part in filter(None, map(_PART.fullmatch, _device(node).split("/"))):
        if any(part[key] and part[key] not in here for key, here in _HERE.items()):
            yield f"{node.name} on {node.device[:80]}"
            return


def _device(node: Any) -> str:
    """Where a node says that it runs, if it is not beside another, which decides it for both."""
    beside = node.attr["_class"].list.s if "_class" in node.attr else ()
    is_elsewhere = any(name == f"loc:@{node.name}".encode() for name in beside)
    return str(node.device) if is_elsewhere or not beside else ""


def versions(graph: Any) -> Iterator[str]:
    """Say what is wrong with the versions of TensorFlow that a graph names."""
    if graph.versions.min_consumer > LATEST:
        yield f"a graph for version {graph.versions.min_consumer} and later"
    if graph.versions.producer < 0:
        yield f"a graph of version {graph.versions.producer}"
