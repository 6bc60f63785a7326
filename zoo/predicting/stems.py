"""``zoo predict`` with a model that takes music apart: a file a stem."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError, NoError, NotFoundError, UsageError
from zoo import api, output
from zoo.predicting.results import is_folder, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from predictors.audio.decoding import Resampler
    from predictors.separation import Stems


def wanted(names: Sequence[str]) -> bool:
    """Tell whether one of these models takes music apart."""
    from predictors.separation import is_separation

    return any(is_separation(api.record_of(name)) for name in names)


def separate(
    names: Sequence[str],
    files: Mapping[str, Path],
    to: Path | None,
    runtime: str,
    resampler: Resampler,
    *,
    as_json: bool,
) -> bool:
    """Take files apart and write their stems; tell whether all went well.

    Parameters
    ----------
    names : sequence of str
        One model.
    files : mapping of str to Path
        Each file's place in a folder of results.
    to : Path
        A folder, which gets a folder a file; or, for a single file, a ``.wav`` or ``.flac``
        whose name is completed by the names of the stems.

    Raises
    ------
    UsageError
        Several models, or it is not said where to write, or in an unknown format.
    """
    from predictors.separation import Separator

    place = _place(names, files, to)
    separator = api.load(names[0], runtime=runtime, resampler=resampler)
    assert isinstance(separator, Separator)
    rows = []
    for file, inside in files.items():
        row: dict[str, Any] = {"file": file, "model": separator.record.id, "layer": "stems"}
        row |= {"classes": None, "times": None, "mean": None, "top": [], "error": None}
        rows.append(row)
        try:
            stems = separator.separate(file)
        except (NoError, NotFoundError, MissingExtraError) as error:
            output.failure(error, as_json=False)
            row["error"] = " ".join(filter(None, (error.message, error.why)))
            continue
        row["classes"], row["stems"] = list(stems.waveforms), write(stems, place, inside)
        if not as_json:
            print(f"{file}  {stems.duration:.1f} s, {separator.record.id}")
            for name, path in row["stems"].items():
                print(f"  {name:<14}{path}")
    if as_json:
        output.document({"results": rows})
    return not any(row["error"] for row in rows)


def _place(names: Sequence[str], files: Mapping[str, Path], to: Path | None) -> Path:
    """Where stems go, before any work is done."""
    if len(names) > 1:
        raise UsageError(
            f"{len(names)} models cannot take music apart together.",
            hint=f"One at a time: zoo predict {names[0]} {' '.join(files)} --output stems/",
        )
    if to is None:
        raise UsageError(
            f"{names[0]} takes music apart into files of audio, which must be written somewhere.",
            hint=f"zoo predict {names[0]} {' '.join(files)} --output stems/",
        )
    if not is_folder(to) and (to.suffix not in (".wav", ".flac") or len(files) > 1):
        raise UsageError(
            f"{to} cannot hold stems.",
            why="They are written as .wav or .flac, or, of several files, into a folder.",
            hint=f"Name a folder instead: {to.with_suffix('')}/",
        )
    return to


def write(stems: Stems, to: Path, place: Path) -> dict[str, str]:
    """Write one file a stem; return where."""
    if not is_folder(to):
        paths = {name: to.with_stem(f"{to.stem}-{name}") for name in stems.waveforms}
    else:
        folder = to / place.with_suffix("")
        paths = {name: folder / f"{name}.wav" for name in stems.waveforms}
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
