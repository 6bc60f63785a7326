"""Where a page cuts a network, to compute once what overlapping patches have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from freeze.formats import graphdef
from freeze.formats.messages import GraphDef
from freeze.graph.cut import cut
from freeze.graph.prune import prune
from freeze.graph.sharing import sharing

if TYPE_CHECKING:
    from catalog.record import Document
    from convert.export_graph import Patches


def overlap(graph: Any, outputs: Sequence[str], patches: Patches) -> Document | None:
    """Tell what of a network is local in time, for one that runs it node by node.

    The first part is run with fewer frames than a patch has, as it stands in the graph.

    Parameters
    ----------
    graph : GraphDef
        As it is written, with its front-end. Not changed.
    outputs : sequence of str
    patches : Patches

    Returns
    -------
    dict or None
        ``node``, that of the patches, and ``axis``, that of its frames; ``tensors``, what the
        second part reads of the first: of each its ``node`` and ``axis``, and how many frames
        of a patch ``before`` and ``after`` its own each frame sees. None where nothing is
        gained at the hop of the patches, or the first part has frames of a fixed number.
    """
    network = GraphDef()
    network.CopyFrom(graph)
    cut(network, [patches.node])
    network = prune(network, outputs)
    found = sharing(network, outputs, patches.node, patches.shape, patches.axis, patches.hop)
    if found is None:
        return None
    nodes = graphdef.by_name(network)
    if any(nodes[name].op == "Reshape" for name in found.region):
        return None
    region = {name: found.region[name] for name in found.tensors}
    tensors = [
        {"node": name, "axis": local.axis, "before": local.before, "after": local.after}
        for name, local in region.items()
    ]
    return {"node": patches.node, "axis": patches.axis, "tensors": tensors}
