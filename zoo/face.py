"""What Python users call: find a model by name or path, and make it ready."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import (
    AmbiguousNameError,
    IntegrityError,
    NotFoundError,
    UnknownModelError,
    UsageError,
)
from catalog.record import Layer, Model
from zoo import output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from predictors.audio import Resampler
    from predictors.ensemble import Ensemble
    from predictors.predictor import Predictor


def load(
    name: str | Path, *, runtime: str = "openvino", resampler: Resampler = "essentia"
) -> Predictor:
    """Make a model ready to predict, and pull it if it is not there.

    Parameters
    ----------
    name : str or Path
        A name in the catalog, a ``.pb`` with its ``.json`` beside it, or their folder.
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

    path, record = graph_path(name), record_of(name)
    require_network(record)
    if path and not path.with_suffix(".json").is_file():
        output.say(f"note: {path.name} has no metadata beside it. {_assumption(record)}")
    extractor_id = _extractor_id(record)
    extractor = load(extractor_id, runtime=runtime, resampler=resampler) if extractor_id else None
    if path is None:
        path, record = _pulled(record)
    kind = Separator if is_separation(record) else Predictor
    return kind(record, path, extractor, runtime, resampler)


def record_of(name: str | Path) -> Model:
    """The record of a name in the catalog, or of a graph or its folder.

    Raises
    ------
    UnknownModelError, AmbiguousNameError, NotFoundError, IntegrityError
    """
    path = graph_path(name)
    return _record_of(path) if path else _find(str(name))


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
    from zoo.collection import model_names

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


def graph_path(name: str | Path) -> Path | None:
    """The graph that a path means, or None if it is a name in the catalog.

    Raises
    ------
    NotFoundError
        It can only be a path, and there is nothing.
    UsageError
        The folder holds several graphs.
    """
    path = Path(name)
    if path.suffix == ".pb":
        if not path.is_file():
            raise NotFoundError(f"There is no file {path}.")
        return path
    if not path.is_dir():
        return None
    graphs = sorted(path.glob("*.pb"))
    if len(graphs) > 1:
        raise UsageError(
            f"{path} holds {len(graphs)} graphs.", hint=f"Name one of them: {graphs[0]}"
        )
    return graphs[0] if graphs else None


def _find(name: str) -> Model:
    from catalog.index import catalog

    return catalog().find(name)


def _pulled(model: Model) -> tuple[Path, Model]:
    """Pull a model and its extractor unless they are there; its path and full record."""
    from catalog.store import Store
    from zoo.puller import pull

    store = Store.default()
    if store.manifest(model.id) is None:
        with output.progress() as progress:
            pull(model, store, say=output.say, progress=progress)
    return store.path(model.id), store.record(model)


def _extractor_id(record: Model) -> str | None:
    """The model that a head reads: from the record, or from Essentia's own key."""
    if record.extractor:
        return record.extractor.id
    named = record.inference.get("embedding_model") or {}
    name: str | None = named.get("model_name")
    return name


def _record_of(graph: Path) -> Model:
    """The record beside a graph, with what only the catalog knows; or what can be assumed."""
    beside = graph.with_suffix(".json")
    if not beside.is_file():
        return _assumed(graph)
    own = Model.load(beside)
    try:
        known = _find(graph.stem)
    except (UnknownModelError, AmbiguousNameError):
        known = own
    if known.id == graph.stem and known is not own:
        return known.with_upstream(own.document)
    record = Model({"zoo": {"id": graph.stem}, **own.document})
    try:
        "".join(layer.name for layer in _layers(record))
    except (AttributeError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{beside} does not describe the layers of {graph.name}.",
            why=f"Its schema is not that of Essentia's metadata ({type(error).__name__}: {error}).",
        ) from None
    return record


def _assumed(graph: Path) -> Model:
    """A record for a graph without metadata: the catalog's, if it has its layers, or a guess."""
    from freeze import graphdef
    from freeze.inference import training_flags
    from freeze.summary import schema_of, summarize
    from validate.subject import in_catalog

    definition = graphdef.read(graph)
    nodes = graphdef.by_name(definition)
    known = in_catalog(graph.stem)
    if known and known.outputs and nodes.keys() >= {each.name for each in _layers(known)}:
        return known
    block = {"id": graph.stem, "training_flags": training_flags(nodes)}
    return Model({"schema": schema_of(summarize(definition)), "zoo": block})


def _layers(record: Model) -> tuple[Layer, ...]:
    return (*record.inputs, *record.outputs)


def _assumption(record: Model) -> str:
    """What was made up for metadata that are not there."""
    if record.classes:
        return f"It is taken for the catalog's {record.id}, whose layers it has."
    layers = (f"{layer.purpose or 'output'} {layer.name}" for layer in record.outputs)
    return (
        "The shape of its input decides on its features, its classes are numbered, and these "
        f"are taken for its layers: {', '.join(layers)}."
    )
