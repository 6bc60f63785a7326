"""Models that separate music into stems: a file per stem."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError, NoError, NotFoundError, UsageError, ZooError
from catalog.storage import save
from zoo import api
from zoo.predicting.collection import source
from zoo.predicting.places import is_folder, require_distinct
from zoo.predicting.request import unforeseen
from zoo.predicting.results import printable, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from predictors.audio.resampling import Resampler
    from predictors.separation import Stems


@dataclass(frozen=True)
class Separated:
    """The stems of one file, or why there are none.

    Attributes
    ----------
    file, model : str
    duration : float
        In seconds.
    stems : dict of str to str
        From a stem's name to its file.
    error : ZooError or None
    """

    file: str
    model: str
    duration: float = 0
    stems: dict[str, str] = field(default_factory=dict)
    error: ZooError | None = None

    def to_json(self) -> dict[str, Any]:
        """A row of the JSON document."""
        row = {
            "file": printable(self.file),
            "model": self.model,
            "layer": "stems",
            "classes": list(self.stems) or None,
            "times": None,
            "mean": None,
            "top": [],
            "error": said(self.error),
        }
        stems = {name: printable(path) for name, path in self.stems.items()}
        return row if self.error else {**row, "stems": stems}


def wanted(models: Sequence[api.Found]) -> bool:
    """Tell whether one of these models separates music."""
    from predictors.separation import is_separation

    return any(is_separation(model.record) for model in models)


def separate(
    models: Sequence[api.Found],
    files: Mapping[str, Path],
    to: Path | None,
    runtime: str = "openvino",
    resampler: Resampler = "essentia",
) -> Iterator[Separated]:
    """Separate files and write their stems.

    Parameters
    ----------
    models : sequence of Found
        One.
    files : mapping of str to Path
        Each file's place in a folder of results.
    to : Path
        A folder, which gets a folder per file; or, for a single file, a ``.wav`` or ``.flac``
        whose name is completed by the names of the stems.

    Raises
    ------
    UsageError
        Several models, or it is not said where to write, or in an unknown format.
    """
    from predictors.separation import Separator

    place = _place([model.record.id for model in models], files, to)
    separator = api.load(models[0], runtime=runtime, resampler=resampler)
    assert isinstance(separator, Separator)
    model = separator.record.id
    for file, folder in _folders(files, place).items():
        try:
            with source(file) as sound:
                stems = separator.separate(sound)
        except (NoError, NotFoundError, MissingExtraError) as error:
            yield Separated(file, model, error=error)
        except ZooError:
            raise
        except Exception as error:
            yield Separated(file, model, error=unforeseen(file, error))
        else:
            yield Separated(file, model, stems.duration, write(stems, place, folder))


def _folders(files: Mapping[str, Path], to: Path) -> dict[str, Path]:
    """Each file's folder: its name, with its ending where another one would have the same."""
    short = {file: place.with_suffix("") for file, place in files.items()}
    shared = Counter(short.values())
    found = {file: files[file] if shared[name] > 1 else name for file, name in short.items()}
    require_distinct(to, found.values())
    return found


def _place(names: Sequence[str], files: Mapping[str, Path], to: Path | None) -> Path:
    """Where the stems go, before any work is done."""
    if len(names) > 1:
        raise UsageError(
            "Only one model at a time can separate music.",
            hint=f"One at a time: zoo predict {names[0]} {' '.join(files)} --output stems/",
        )
    if to is None:
        raise UsageError(
            f"{names[0]} writes a file per stem, and no place for them was named.",
            hint=f"zoo predict {names[0]} {' '.join(files)} --output stems/",
        )
    if not is_folder(to) and (to.suffix not in (".wav", ".flac") or len(files) > 1):
        raise UsageError(
            f"{to} cannot hold stems.",
            why="They are written as .wav or .flac, or, of several files, into a folder.",
            hint=f"Name a folder instead: {to.with_suffix('')}/",
        )
    return to


def write(stems: Stems, to: Path, inside: Path) -> dict[str, str]:
    """Write a file per stem, in a folder inside that of all results; return where."""
    if not is_folder(to):
        paths = {name: to.with_stem(f"{to.stem}-{name}") for name in stems.waveforms}
    else:
        paths = {name: to / inside / f"{name}.wav" for name in stems.waveforms}
    for name, path in paths.items():
        save(path, encoded(stems, name, path.suffix))
    return {name: str(path) for name, path in paths.items()}


def encoded(stems: Stems, name: str, ending: str) -> bytes:
    """A stem as a file: WAV in single precision, which cannot clip, or FLAC of 24 bits."""
    import soundfile

    stream = io.BytesIO()
    kind, subtype = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24")}[ending]
    samples = stems.waveforms[name]
    soundfile.write(stream, samples, stems.sample_rate, format=kind, subtype=subtype)
    return stream.getvalue()
