"""The network that a word means, looked into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import NotFoundError

if TYPE_CHECKING:
    from freeze.analysis.inspection import Inspection

_SUFFIXES = (".pb", ".json", ".onnx", ".zip", ".index", ".meta")


def inspect(what: str | Path) -> Inspection:
    """Look into a network: inputs, likely outputs, layers, parameters, operations.

    Parameters
    ----------
    what : str or Path
        An installed model; a ``.pb``, a SavedModel, a TensorFlow.js model, an ``.onnx``, or a
        checkpoint.

    Raises
    ------
    NotFoundError
        No such file, or the model is not installed.
    WrongKindError, IntegrityError
        It is no network, or damaged.

    Examples
    --------
    >>> found = zoo.inspect("tiny.pb")
    >>> found
    Inspection(frozen-graph: input -> sigmoids, ..., 294 parameters)
    >>> found.summary.ops["MatMul"]
    2
    """
    from freeze.analysis import inspection

    return inspection.inspect(_path(str(what)))


def _path(what: str) -> Path:
    """The file that a word means: a path, or the network of an installed model."""
    path = Path(what)
    if path.exists() or Path(f"{what}.index").exists():
        return path
    from catalog.index import catalog
    from catalog.store import Store

    if what.endswith(_SUFFIXES) or ("/" in what and not catalog().is_further(what)):
        raise NotFoundError(f"There is no file {what}.", hint="See the models: zoo ls")
    store, model = Store.default(), catalog().find(what)
    if store.manifest_of(model) is None:
        name = model.full_name
        raise NotFoundError(f"{name} is not installed.", hint=f"zoo pull {name}")
    return store.path(model.id)
