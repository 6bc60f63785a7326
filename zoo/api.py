"""What Python users call: find a model by name or path, and make it ready."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import UsageError
from zoo.finding import Found, find, ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from freeze.network_file import NetworkFile
    from predictors.ensemble import Ensemble
    from predictors.predictor import Predictor


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
    model = ready(found, runtime, opened)
    if reads_descriptors(model.record, model.file):
        from predictors.descriptors.predictor import DescriptorPredictor

        return DescriptorPredictor(model)
    if is_separation(model.record):
        from predictors.separation import Separator

        return Separator(model)
    return Predictor(model)


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
