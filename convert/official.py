"""TensorFlow.js graph models as the official converter of TensorFlow.js writes them."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import MissingExtraError, NoError
from catalog.leftovers import working_folder
from convert import official_process
from convert.export_graph import FEATURES
from convert.tfjs import dump, signature
from freeze.child import ChildError
from freeze.formats import graphdef
from freeze.with_tensorflow import ask

if TYPE_CHECKING:
    from convert.export_graph import ExportGraph
    from convert.quantization import Quantization


def write(exported: ExportGraph, folder: Path, quantize: Quantization | None = None) -> None:
    """Let tensorflowjs write a network as a graph model, with fused operations.

    Its ``model.json`` gets the names, the metadata and the digest that our own has.

    Parameters
    ----------
    exported : ExportGraph
    folder : Path
        Made if it is not there.
    quantize : {"float16", "uint16", "uint8"}, optional
        How to store weights: all, even those of a front-end.

    Raises
    ------
    MissingExtraError
        tensorflowjs is not installed.
    NoError
        It cannot convert the network.
    """
    if find_spec("tensorflowjs") is None:
        error = MissingExtraError.of(
            "tfjs", "tensorflowjs, the official converter, cannot be found.", tensorflow=True
        )
        error.hint += ", or leave out: --converter tensorflowjs"
        raise error
    nodes = graphdef.by_name(exported.graph)
    kept = [port.name for port in exported.outputs] + [FEATURES] * (FEATURES in nodes)
    with working_folder() as place:
        graph = place / "graph.pb"
        graph.write_bytes(graphdef.serialize(exported.graph))
        request = {
            **{"graph": str(graph), "outputs": list(dict.fromkeys(kept))},
            **{"quantize": quantize, "to": str(folder)},
        }
        try:
            ask(official_process.__name__, request, graph.stat().st_size)
        except ChildError as error:
            what = "tensorflowjs cannot convert this network."
            raise NoError(what, error.message, error.hint) from None
    _complete(folder, exported)


def _complete(folder: Path, exported: ExportGraph) -> None:
    """Say in ``model.json`` what the converter does not know."""
    path = folder / "model.json"
    document = json.loads(path.read_text("utf-8"))
    document |= {"signature": signature(exported), "userDefinedMetadata": exported.metadata}
    for group in document["weightsManifest"]:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        group["sha256"] = hashlib.sha256(data).hexdigest()
    path.write_text(dump(document), "utf-8")
