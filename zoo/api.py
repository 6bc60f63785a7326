"""What Python users call: find a model by name or path, and make it ready."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import IntegrityError
from catalog.record import Record
from zoo import local_models
from zoo.local_models import graph_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from predictors.audio.decoding import Resampler
    from predictors.ensemble import Ensemble
    from predictors.predictor import Predictor

log = logging.getLogger("zoo")


def load(
    name: str | Path, *, runtime: str = "openvino", resampler: Resampler = "essentia"
) -> Predictor:
    """Make a model ready to predict, and pull it if it is not there.

    Parameters
    ----------
    name : str or Path
        A name in the catalog; a ``.pb`` or ``.onnx`` with its ``.json`` beside it, or their
        folder; a TensorFlow.js model's folder, ``model.json`` or zip archive.
    runtime : {"openvino", "tensorflow", "onnxruntime"}
    resampler : {"essentia", "soxr"}

    Raises
    ------
    NotFoundError
        No such model, or no such file.
    UsageError
        A model of this kind cannot be run.
    NetworkError, IntegrityError, StorageError
        It cannot be pulled.
    """
    from predictors.predictor import Predictor, require_network
    from predictors.separation import Separator, is_separation

    path = graph_path(name)
    described = local_models.description(path) if path else None
    record = described or record_of(name)
    require_network(record)
    if path and not described:
        log.info(local_models.assumption(path, record))
    if path and described and local_models.is_changed(path, described):
        log.warning(
            f"{path.name} is not the network that its record names: "
            f"another SHA-256. See: zoo validate {path}"
        )
    reads = _extractor(record, path)
    if reads and _extractor_id(record_of(reads)):
        raise IntegrityError(
            f"{record.id} reads the embeddings of {reads}, which reads another's itself.",
            why="A head reads those of a network that hears audio.",
        )
    extractor = load(reads, runtime=runtime, resampler=resampler) if reads else None
    if path is None:
        path, record = _pulled(record)
    kind = Separator if is_separation(record) else Predictor
    return kind(record, path, extractor, runtime, resampler)


def located(name: str | Path) -> tuple[Path, Record]:
    """The graph and the record of a model, which is pulled if it is not there; see `load`."""
    path, record = graph_path(name), record_of(name)
    return (path, record) if path else _pulled(record)


def record_of(name: str | Path) -> Record:
    """The record of a name in the catalog, or of a graph or its folder.

    Raises
    ------
    UnknownModelError, AmbiguousNameError, NotFoundError, IntegrityError
    """
    path = graph_path(name)
    return local_models.record_of(path) if path else _find(str(name))


def load_many(
    names: Iterable[str | Path], *, runtime: str = "openvino", resampler: Resampler = "essentia"
) -> Ensemble:
    """Make several models ready to predict together: what they share is computed once.

    Parameters
    ----------
    names : iterable of str or Path
        As `load` takes them, and patterns of names in the catalog.
    runtime : {"openvino", "tensorflow", "onnxruntime"}
    resampler : {"essentia", "soxr"}

    Examples
    --------
    >>> moods = zoo.load_many(["mood_*-msd-musicnn-1", "msd-musicnn-1"])
    >>> moods.predict("song.mp3")["mood_happy-msd-musicnn-1"].top(1)
    """
    from predictors.ensemble import Ensemble
    from zoo.predicting.collection import model_names

    wanted = model_names(map(str, names))
    return Ensemble(load(name, runtime=runtime, resampler=resampler) for name in wanted)


def pull(name: str) -> Path:
    """Pull a model and what it needs; return the path of its network.

    Raises
    ------
    UnknownModelError, AmbiguousNameError, NetworkError, IntegrityError, StorageError
    """
    path, _ = _pulled(_find(name))
    return path


def _find(name: str) -> Record:
    from catalog.index import catalog

    return catalog().find(name)


def _pulled(model: Record) -> tuple[Path, Record]:
    """Pull a model and its extractor unless they are there; its path and full record."""
    from catalog.manifest import is_listed
    from catalog.store import Store
    from zoo.pulling.puller import pull

    store = Store.default()
    manifest = store.manifest_of(model)
    if manifest is None:
        pull(model, store)
    elif not is_listed(model, manifest):
        log.info(f"{model.id} is not zoo's own here: it came from {manifest.main.url}.")
    return store.path(model.id), store.record(model)


def _extractor(record: Record, graph: Path | None) -> str | None:
    """The model that a head reads: the one beside its file, or the catalog's."""
    from catalog.index import catalog

    id = _extractor_id(record)
    if id is None:
        return None
    beside = graph and graph.absolute().with_name(f"{id}.pb")
    if beside and beside.is_file() and beside.with_suffix(".json").is_file():
        return str(beside)
    return catalog().extractor(record, id).full_name


def _extractor_id(record: Record) -> str | None:
    """The identity of the model that a head reads: from its record, or by Essentia's own key."""
    named = record.inference.get("embedding_model") or {}
    name: str | None = record.extractor.id if record.extractor else named.get("model_name")
    return name
