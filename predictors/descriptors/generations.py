"""Descriptors of one version of Essentia's extractor for models that were made with another.

Essentia 2.0.1 and today's extractor give many descriptors under other names, and spell three
notes in another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

OLD, NEW = "tonal.key_key", "tonal.key_temperley.key"
"""What only the extractors before 2.1 beta 5 give, and only those since."""

_PARTS = {
    "lowlevel.spectral_crest.": "lowlevel.barkbands_crest.",
    "lowlevel.spectral_flatness_db.": "lowlevel.barkbands_flatness_db.",
}
_NAMES = {
    "rhythm.bpm_histogram_first_peak": "rhythm.bpm_histogram_first_peak_bpm",
    "rhythm.bpm_histogram_second_peak": "rhythm.bpm_histogram_second_peak_bpm",
    "tonal.key_key": "tonal.key_temperley.key",
    "tonal.key_scale": "tonal.key_temperley.scale",
    "tonal.key_strength": "tonal.key_temperley.strength",
}
"""What is called otherwise today; of the key, the nearest that there is."""

WEIGHT, SPREAD = (f"rhythm.bpm_histogram_first_peak_{part}" for part in ("weight", "spread"))
BEATS = "rhythm.beats_position"

_FLATS = {"A#": "Bb", "D#": "Eb", "G#": "Ab"}
_SHARPS = {flat: sharp for sharp, flat in _FLATS.items()}

FASTEST = 250
"""Beats per minute in the histogram."""


def translated(given: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    """Descriptors under the names, and with the notes, of a model's own extractor.

    Parameters
    ----------
    given : mapping of str to value
    wanted : iterable of str
        All names that the model was made with, or those that it needs.

    Returns
    -------
    dict of str to value
        What was given, and what could be said in the model's words.
    """
    names, found = set(wanted), dict(given)
    if is_newer(given, names):
        _correct_first_peak(found)
    for name in names - found.keys():
        if (today := _today(name)) in found:
            found[name] = found[today]
    if is_newer(given, names):
        _respell(found, _SHARPS)
    elif OLD in given and NEW in names:
        _respell(found, _FLATS)
    return found


def is_newer(given: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether today's extractor gave the descriptors of a model of one before 2.1 beta 5."""
    return NEW in given and any(name in wanted for name in (OLD, SPREAD))


def _today(name: str) -> str:
    """What a descriptor is called today."""
    for old, new in _PARTS.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return _NAMES.get(name, name)


def _respell(found: dict[str, Any], notes: Mapping[str, str]) -> None:
    for name, value in found.items():
        if name.startswith("tonal.") and isinstance(value, str):
            found[name] = notes.get(value, value)


def _correct_first_peak(found: dict[str, Any]) -> None:
    """Give the first peak of the beats' histogram its weight and its spread.

    Since 2.1 beta 5 the extractor writes both under the name of the weight, the spread last.
    """
    if SPREAD in found or WEIGHT not in found:
        return
    found[SPREAD] = found.pop(WEIGHT)
    beats = found.get(BEATS)
    if isinstance(beats, list) and all(isinstance(each, int | float) for each in beats):
        found[WEIGHT] = first_peak_weight(beats)


def first_peak_weight(beats: Iterable[float]) -> float:
    """The share of beats that are about as fast as most are.

    Essentia's ``BpmHistogramDescriptors``: beats per minute rounded, and those beside the most
    frequent number counted with it.

    Parameters
    ----------
    beats : iterable of float
        Their times, in seconds.
    """
    intervals = np.diff(np.array([*beats], np.float32))
    tempi = np.float32(60) / intervals[intervals > 0]
    counts = np.bincount(np.rint(tempi[tempi <= FASTEST]).clip(max=FASTEST - 1).astype(int))
    if not len(counts):
        return 0.0
    peak = int(counts.argmax())
    return float(counts[max(peak - 1, 0) : peak + 2].sum() / counts.sum())
