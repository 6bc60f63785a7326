"""Models by name or path: found, pulled if need be, and described."""

from __future__ import annotations

import logging
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import IntegrityError, UsageError
from catalog.record import Record
from zoo import elsewhere, local_models
from zoo.local_models import graph_path
from zoo.pulling.ready import pulled, say_order

if TYPE_CHECKING:
    from freeze.network_file import NetworkFile
    from predictors.model import Model

log = logging.getLogger("zoo")


@dataclass(frozen=True, eq=False)
class Found:
    """A model that was found, and is not pulled yet.

    Attributes
    ----------
    record : Record
    file : NetworkFile or None
        None of one in the catalog.
    described : bool
        Whether the record is known, and not assumed from the graph.
    """

    record: Record
    file: NetworkFile | None = None
    described: bool = True


def find(name: str | Path, opened: dict[Path, NetworkFile] | None = None) -> Found:
    """Find a model by a name in the catalog, or by its graph or the folder of that.

    Parameters
    ----------
    name : str or Path
    opened : dict, optional
        Files by their absolute paths, to go on with; this one is added.

    Raises
    ------
    UnknownModelError, AmbiguousNameError, NotFoundError, IntegrityError
    """
    from freeze.network_file import runnable

    path = graph_path(name)
    if path is None:
        return Found(_find(str(name)))
    file = (opened or {}).get(path.absolute()) or runnable(path)
    if opened is not None:
        opened[path.absolute()] = file
    described = local_models.description(file)
    return Found(described or local_models.assumed(file), file, described is not None)


def ready(
    found: Found, runtime: str, opened: dict[Path, NetworkFile], head: str | None = None
) -> Model:
    """A model with its extractor, pulled if it is not there; what is to be said of it is said.

    Parameters
    ----------
    found : Found
    runtime : str
        See `zoo.load`.
    opened : dict
        See `find`.
    head : str, optional
        The model that reads its embeddings.

    Raises
    ------
    UsageError
        A model of this kind cannot be run.
    NetworkError, IntegrityError, StorageError
        It cannot be pulled.
    """
    from predictors.model import Model
    from predictors.predictor import require_network

    record, file = found.record, found.file
    if not file and not record.archive:
        require_network(record)
    reads = _extractor(record, file)
    if reads and head:
        raise IntegrityError(
            f"{head} reads the embeddings of {record.id}, which is itself a head.",
            why="A head must read a network that takes audio.",
        )
    if file and not found.described:
        log.info(local_models.assumption(file.path, record))
    elif file and local_models.is_changed(file, record):
        log.warning(
            f"{file.path.name} does not match its record: "
            f"its SHA-256 differs. See: zoo validate {file.path}"
        )
    extractor = ready(find(reads, opened), runtime, opened, record.id) if reads else None
    if file:
        say_order(record)
        vouched = local_models.vouched(file)
        return Model(record, file, extractor, runtime, vouched, elsewhere.from_sender)
    path, record, vouched = pulled(record)
    return Model(record, path, extractor, runtime, vouched, elsewhere.from_catalog)


def located(name: str | Path | Found) -> Model:
    """The graph of a model without its extractor, pulled if it is not there; see `zoo.load`.

    Raises
    ------
    UsageError
        It is a history of Gaia, which has none.
    """
    from predictors.model import Model

    found = name if isinstance(name, Found) else find(name)
    if found.file:
        model = Model(found.record, found.file, vouched=local_models.vouched(found.file))
    else:
        path, record, vouched = pulled(found.record)
        model = Model(record, path, vouched=vouched)
    if model.file.kind == "history":
        id, path = model.record.id, model.path
        raise UsageError(
            f"{id} is a history of Gaia, and no graph.",
            hint=f"Make a frozen graph of it: zoo freeze {shlex.quote(str(path))} -o {id}-svm-1.pb",
        )
    return model


def _find(name: str) -> Record:
    from catalog.index import found

    return found(name)


def _extractor(record: Record, file: NetworkFile | None) -> str | None:
    """The model that a head reads: the one beside its file, or the catalog's."""
    from catalog.index import catalog

    id = _extractor_id(record)
    if id is None:
        return None
    beside = file and file.path.absolute().with_name(f"{id}.pb")
    if beside and beside.is_file() and beside.with_suffix(".json").is_file():
        return str(beside)
    return catalog().extractor(record, id).full_name


def _extractor_id(record: Record) -> str | None:
    """The identity of the model that a head reads: from its record, or by Essentia's own key."""
    named = record.inference.get("embedding_model") or {}
    name: str | None = record.extractor.id if record.extractor else named.get("model_name")
    return name
