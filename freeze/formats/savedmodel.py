"""SavedModels: their graph and variables, read without TensorFlow and without running anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, WrongKindError
from freeze.formats import graphdef

FILE = "saved_model.pb"
VARIABLES = Path("variables", "variables")
"""The prefix of their checkpoint, in the folder."""

SERVED = "serving_default"
"""The signature that is served where there are several."""

_INITIALIZERS = ("saved_model_main_op", "legacy_init_op")
_INITIALIZER = "__saved_model_init_op"  # a signature


@dataclass(frozen=True)
class ReadSavedModel:
    """The graph of a SavedModel.

    Attributes
    ----------
    graph : GraphDef
    outputs : tuple of str
        Of the signature that is served.
    initializers : tuple of str
        The nodes that TensorFlow runs as soon as it loads the model.
    saver : str
        The placeholder that only saving and restoring needs; empty if there is none.
    restorer : str
        The node that restores the variables; empty if there is none.
    resources : tuple of str
        What is made anew by functions of its own: tables, above all.
    signatures : tuple of str
        What may be served; the one that is comes first.
    version : str
        Of the TensorFlow that wrote it.
    """

    graph: Any
    outputs: tuple[str, ...]
    initializers: tuple[str, ...]
    saver: str
    restorer: str = ""
    resources: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    version: str = ""


def is_saved_model(path: Path) -> bool:
    """Whether a path is the folder of a SavedModel, or its ``saved_model.pb``."""
    return (path / FILE).is_file() or (path.name == FILE and path.is_file())


def read(path: Path) -> ReadSavedModel:
    """Read the graph that is served.

    Parameters
    ----------
    path : Path
        A ``saved_model.pb``.

    Raises
    ------
    WrongKindError, IntegrityError
        It is no SavedModel, or damaged.
    """
    from freeze.formats.messages import SavedModel

    model = graphdef.decode(SavedModel, graphdef.read_bytes(path), str(path))
    metas = [meta for meta in model.meta_graphs if "serve" in meta.meta_info_def.tags]
    metas = metas or list(model.meta_graphs)
    if not metas:
        raise WrongKindError(f"{path} is not a SavedModel.", why="It does not hold a graph.")
    meta = metas[0]
    graphdef.check(meta.graph_def, str(path))
    signatures = {name: each for name, each in meta.signature_def.items() if name != _INITIALIZER}
    names = sorted(signatures, key=lambda name: (name != SERVED, name))
    served = signatures[names[0]] if names else None
    outputs = (
        [tensor.name.removesuffix(":0") for tensor in served.outputs.values()] if served else []
    )
    started = [
        name
        for key in _INITIALIZERS
        if key in meta.collection_def
        for name in meta.collection_def[key].node_list.value
    ]
    if _INITIALIZER in meta.signature_def:
        started += [tensor.name for tensor in meta.signature_def[_INITIALIZER].outputs.values()]
    return ReadSavedModel(
        meta.graph_def,
        tuple(sorted(outputs)),
        tuple(dict.fromkeys(graphdef.source(name).node for name in started)),
        graphdef.source(meta.saver_def.filename_tensor_name).node,
        graphdef.source(meta.saver_def.restore_op_name).node,
        tuple(sorted(_resources(meta))),
        tuple(names),
        meta.meta_info_def.tensorflow_version,
    )


def _resources(meta: Any) -> Iterator[str]:
    """The names, as far as they are known, of objects that functions of the model make."""
    for place, node in enumerate(meta.object_graph_def.nodes):
        if node.WhichOneof("kind") == "resource" or node.saveable_objects:
            names = (
                c.local_name
                for n in meta.object_graph_def.nodes
                for c in n.children
                if c.node_id == place
            )
            yield next(names, f"object {place}")


def check_variables(path: Path, graph: Any) -> None:
    """Read every variable once.

    Parameters
    ----------
    path : Path
        A ``saved_model.pb``.
    graph : GraphDef
        Its graph.

    Raises
    ------
    NotFoundError, IntegrityError
        One that the graph has is missing, or damaged.
    """
    from freeze.formats.checkpoint import Checkpoint
    from freeze.formats.dtypes import STRING

    bundle = path.parent / VARIABLES
    if not any(node.op == "VarHandleOp" for node in graph.node) and not bundle.parent.is_dir():
        return
    checkpoint = Checkpoint.open(bundle)
    if not checkpoint.entries:
        raise IntegrityError(f"{bundle} holds no variables.")
    for name, entry in checkpoint.entries.items():
        if entry.dtype != STRING:  # what objects the model was made of
            checkpoint.tensor(name)
