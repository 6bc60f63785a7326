"""What Python users call: find a model by name or path, and make it ready."""

from __future__ import annotations

import logging
import shlex
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import IntegrityError, UsageError
from catalog.record import Record
from zoo import elsewhere, local_models
from zoo.local_models import graph_path
from zoo.pulling.ready import pulled, say_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from freeze.network_file import NetworkFile
    from predictors.ensemble import Ensemble
    from predictors.model import Model
    from predictors.predictor import Predictor

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


def load(
    name: str | Path | Found, *, runtime: str = "openvino", resampler: str | None = None
) -> Predictor:
    """Make a model ready to predict, and pull it if it is not there.

    Parameters
    ----------
    name : str, Path or Found
        A name in the catalog; a ``.pb`` or ``.onnx`` with its ``.json`` beside it, or their
        folder; a ``.history`` of Gaia; a TensorFlow.js model's folder, ``model.json`` or zip.
    runtime : {"openvino", "tensorflow", "onnxruntime"}
    resampler : str, optional
        Ignored: all audio is resampled as Essentia does. It goes with version 0.3.

    Raises
    ------
    NotFoundError
        No such model, or no such file.
    UsageError
        A model of this kind cannot be run.
    NetworkError, IntegrityError, StorageError
        It cannot be pulled.

    Examples
    --------
    >>> zoo.load("tiny.pb").predict("song.wav").top(1)
    [('quiet', 0.50...)]
    """
    _warn_of(resampler)
    return _predictor(name, runtime, {})


def _warn_of(resampler: str | None) -> None:
    if resampler is not None:
        text = "resampler is ignored: all audio is resampled as Essentia does."
        warnings.warn(text, FutureWarning, stacklevel=3)


def _predictor(
    name: str | Path | Found,
    runtime: str,
    opened: dict[Path, NetworkFile],
) -> Predictor:
    from predictors.model import is_separation, reads_descriptors
    from predictors.predictor import Predictor

    found = name if isinstance(name, Found) else find(name, opened)
    model = _ready(found, runtime, opened)
    if reads_descriptors(model.record, model.file):
        from predictors.descriptors.predictor import DescriptorPredictor

        return DescriptorPredictor(model)
    if is_separation(model.record):
        from predictors.separation import Separator

        return Separator(model)
    return Predictor(model)


def _ready(
    found: Found, runtime: str, opened: dict[Path, NetworkFile], head: str | None = None
) -> Model:
    """A model with its extractor, pulled if it is not there, and what is to be said of it."""
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
    extractor = _ready(find(reads, opened), runtime, opened, record.id) if reads else None
    if file:
        say_order(record)
        vouched = local_models.vouched(file)
        return Model(record, file, extractor, runtime, vouched, elsewhere.from_sender)
    path, record, vouched = pulled(record)
    return Model(record, path, extractor, runtime, vouched, elsewhere.from_catalog)


def located(name: str | Path | Found) -> Model:
    """The graph of a model without its extractor, pulled if it is not there; see `load`.

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


def load_many(
    names: Iterable[str | Path | Found],
    *,
    runtime: str = "openvino",
    resampler: str | None = None,
) -> Ensemble:
    """Make several models ready to predict together: what they share is computed once.

    Parameters
    ----------
    names : iterable of str, Path or Found
        As `load` takes them, and patterns of names in the catalog.
    runtime : {"openvino", "tensorflow", "onnxruntime"}
    resampler : str, optional
        Ignored: all audio is resampled as Essentia does. It goes with version 0.3.

    Examples
    --------
    >>> both = zoo.load_many(["tiny.pb", "twin.pb"])
    >>> both
    <Ensemble of tiny, twin>
    >>> both.predict("song.wav")["twin"].top(1)
    [('quiet', 0.50...)]
    """
    _warn_of(resampler)
    return ensemble(names, runtime)


def ensemble(
    names: Iterable[str | Path | Found],
    runtime: str,
    keep: Mapping[str, Path] | None = None,
) -> Ensemble:
    """Make several models ready to predict together; see `load_many`.

    Parameters
    ----------
    keep : mapping of str to Path, optional
        See `DescriptorEnsemble`.

    Raises
    ------
    UsageError
        Some hear audio, and others read descriptors.
    """
    from predictors.ensemble import Ensemble
    from zoo.predicting.collection import model_names

    wanted: list[str | Found] = []
    for name in names:
        wanted += [name] if isinstance(name, Found) else model_names([str(name)])
    files = [name.file for name in wanted if isinstance(name, Found) and name.file]
    opened = {file.path.absolute(): file for file in files}
    predictors = [_predictor(name, runtime, opened) for name in dict.fromkeys(wanted)]
    models = [predictor.model for predictor in predictors]
    hearing = [each.record.id for each in predictors if each.hears_audio]
    reading = [each.record.id for each in predictors if not each.hears_audio]
    if hearing and reading:
        raise UsageError(
            f"{hearing[0]} hears audio, and {reading[0]} reads descriptors.",
            hint="Ask the one kind of models, then the other.",
        )
    if reading:
        from predictors.descriptors.predictor import DescriptorEnsemble

        return DescriptorEnsemble(models, keep)
    return Ensemble(models)


def pull(
    name: str,
    *,
    force: bool = False,
    from_source: bool = False,
    require_checksum: bool = False,
    mirror: str | None = None,
    catalog: str | None = None,
) -> Path:
    """Pull a model and what it needs; return the path of its network.

    Parameters
    ----------
    name : str
        In the catalog.
    force : bool
        Download it again if it is there already.
    from_source : bool
        Build it from its authors' own release.
    require_checksum : bool
        Refuse files without a published digest.
    mirror : str, optional
        URL or folder that replaces the official address.
    catalog : str, optional
        URL or folder of a published catalog to pull from.

    Raises
    ------
    UnknownModelError, AmbiguousNameError, NetworkError, IntegrityError, StorageError

    Notes
    -----
    Progress is logged as debug records of the logger ``zoo``, with the attributes ``done`` and
    ``total`` in bytes; ``done`` is None when a download has ended.

    Examples
    --------
    >>> _ = zoo.publish("tiny.json", to="site", plain=True)
    >>> zoo.pull("tiny", catalog="site").name
    'tiny.pb'
    """
    from catalog.store import Store
    from zoo.pulling import wanted
    from zoo.pulling.added_catalogs import Sources
    from zoo.pulling.puller import Puller

    sources = Sources(Store.default(), mirror, require_checksum)
    puller = Puller(sources, force, from_source)
    pulled = [puller.pull(model) for model in wanted.named([name], catalog)]
    return pulled[-1].path


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
