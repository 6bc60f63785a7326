"""The network that a word means, looked into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import NotFoundError
from freeze.formats import gaia

if TYPE_CHECKING:
    from freeze.analysis.inspection import Inspection
    from predictors.descriptors.summary import HistorySummary

_SUFFIXES = (".pb", ".json", ".onnx", ".zip", ".index", ".meta", gaia.ENDING)


def inspect(what: str | Path) -> Inspection | HistorySummary:
    """Look into a network: inputs, likely outputs, layers, parameters, operations.

    Parameters
    ----------
    what : str or Path
        An installed model; a ``.pb``, a SavedModel, a TensorFlow.js model, an ``.onnx``, a
        ``.history`` of Gaia, or a checkpoint.

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

    path = _path(str(what))
    if path.suffix == gaia.ENDING:
        from freeze.network_file import HistoryFile
        from predictors.descriptors.summary import HistorySummary

        return HistorySummary.of(HistoryFile(path))
    return inspection.inspect(path)


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
    return store.network(model)
