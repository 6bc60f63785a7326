"""Models that separate music into stems: a file per stem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import (
    AudioError,
    MissingExtraError,
    NoError,
    NotFoundError,
    StorageError,
    UsageError,
    ZooError,
)
from catalog.storage import ELSEWHERE, storage_errors, unfinished
from zoo import api
from zoo.predicting.collection import source
from zoo.predicting.places import is_folder, require_distinct
from zoo.predicting.request import unforeseen
from zoo.predicting.results import printable, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from predictors.separation import Stems
    from zoo.finding import Found


LARGEST_WAV = (1 << 32) - 1024
"""Bytes of samples that a WAV file can hold."""


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


def separate(
    models: Sequence[Found],
    files: Mapping[str, Path],
    to: Path | None,
    runtime: str = "openvino",
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
    separator = api.load(models[0], runtime=runtime)
    assert isinstance(separator, Separator)
    model = separator.record.id
    for file, folder in _folders(files, place).items():
        try:
            with source(file) as sound:
                duration, stems = write(separator.passages(sound), place, folder)
        except (NoError, NotFoundError, MissingExtraError) as error:
            yield Separated(file, model, error=error)
        except ZooError:
            raise
        except Exception as error:
            yield Separated(file, model, error=unforeseen(file, error))
        else:
            yield Separated(file, model, duration, stems)


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


def write(passages: Iterable[Stems], to: Path, inside: Path) -> tuple[float, dict[str, str]]:
    """Write a file per stem, in a folder inside that of all results, whole or not at all.

    Returns
    -------
    float
        The duration in seconds.
    dict of str to str
        From a stem's name to its file.

    Raises
    ------
    AudioError
        They are too long for WAV.
    StorageError
    """
    duration, files = 0.0, dict[str, StemFile]()
    with ExitStack() as stack:
        for passage in passages:
            duration += passage.duration
            for name, samples in passage.waveforms.items():
                if name not in files:
                    files[name] = stack.enter_context(
                        _stem(_path(to, inside, name), passage.sample_rate)
                    )
                files[name].write(samples)
    return duration, {name: str(file.path) for name, file in files.items()}


def _path(to: Path, inside: Path, name: str) -> Path:
    """Where a stem goes."""
    return to / inside / f"{name}.wav" if is_folder(to) else to.with_stem(f"{to.stem}-{name}")


@dataclass
class StemFile:
    """A stem on its way to its file: WAV in single precision, which cannot clip, or 24-bit FLAC.

    Attributes
    ----------
    path : Path
    sound : soundfile.SoundFile
    """

    path: Path
    sound: Any

    def write(self, samples: NDArray[np.float32]) -> None:
        """Write the next samples [shape=(samples, 2)]."""
        if self.path.suffix == ".wav" and (self.sound.frames + len(samples)) * 8 > LARGEST_WAV:
            raise AudioError(
                f"{self.path} cannot hold music of this length.",
                why="A WAV file has 4 GB at most.",
                hint=f"Name a FLAC file: --output {self.path.parent / 'stems.flac'}",
            )
        self.sound.write(samples)


@contextmanager
def _stem(path: Path, sample_rate: int) -> Iterator[StemFile]:
    import soundfile

    kind, subtype = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24")}[path.suffix]
    try:
        with storage_errors(path, ELSEWHERE), unfinished(path) as made:
            form = {"samplerate": sample_rate, "channels": 2, "format": kind, "subtype": subtype}
            with soundfile.SoundFile(made, "w", **form) as sound:
                yield StemFile(path, sound)
    except (soundfile.SoundFileRuntimeError, AssertionError) as error:
        raise StorageError(f"{path} cannot be written.", why=str(error), hint=ELSEWHERE) from None
