"""Descriptors of today's extractor for models of older ones."""

from __future__ import annotations

from itertools import accumulate

import pytest

from predictors.descriptors.generations import first_peak_weight, is_newer, translated

OLD = [
    "lowlevel.spectral_crest.mean",
    "lowlevel.spectral_flatness_db.var",
    "rhythm.bpm_histogram_first_peak",
    "rhythm.bpm_histogram_first_peak_weight",
    "rhythm.bpm_histogram_first_peak_spread",
    "rhythm.bpm_histogram_second_peak",
    "tonal.key_key",
    "tonal.key_scale",
    "tonal.key_strength",
    "tonal.chords_key",
]
BEATS = [*accumulate([0.0, 0.5, 0.5, 0.505, 0.75])]  # 120, 120, 119 and 80 beats a minute
TODAY = {
    "lowlevel.barkbands_crest.mean": 1.5,
    "lowlevel.barkbands_flatness_db.var": 2.5,
    "rhythm.bpm_histogram_first_peak_bpm": 120,
    "rhythm.bpm_histogram_first_peak_weight": 0.4,
    "rhythm.bpm_histogram_second_peak_bpm": 80,
    "rhythm.beats_position": BEATS,
    "tonal.key_temperley.key": "Bb",
    "tonal.key_temperley.scale": "minor",
    "tonal.key_temperley.strength": 0.7,
    "tonal.chords_key": "Eb",
}


def test_todays_names_and_notes_become_those_of_the_model() -> None:
    found = translated(TODAY, OLD)
    assert {name: found[name] for name in OLD} == {
        "lowlevel.spectral_crest.mean": 1.5,
        "lowlevel.spectral_flatness_db.var": 2.5,
        "rhythm.bpm_histogram_first_peak": 120,
        "rhythm.bpm_histogram_first_peak_weight": 0.75,
        "rhythm.bpm_histogram_first_peak_spread": 0.4,
        "rhythm.bpm_histogram_second_peak": 80,
        "tonal.key_key": "A#",
        "tonal.key_scale": "minor",
        "tonal.key_strength": 0.7,
        "tonal.chords_key": "D#",
    }
    assert is_newer(TODAY, OLD)


def test_without_beats_the_weight_is_missing_and_not_the_spread_in_its_place() -> None:
    given = {name: value for name, value in TODAY.items() if name != "rhythm.beats_position"}
    assert "rhythm.bpm_histogram_first_peak_weight" not in translated(given, OLD)


def test_descriptors_of_the_models_own_extractor_stay_as_they_are() -> None:
    old = {"tonal.key_key": "Bb", "rhythm.bpm_histogram_first_peak_weight": 0.5}
    assert translated(old, OLD) == old and not is_newer(old, OLD)
    assert translated(TODAY, TODAY) == TODAY and not is_newer(TODAY, TODAY)


def test_a_model_of_today_gets_todays_notes() -> None:
    found = translated({"tonal.key_key": "C", "tonal.chords_key": "G#", "tonal.x": 1}, TODAY)
    assert found["tonal.chords_key"] == "Ab"


def test_what_a_model_asks_for_by_todays_names_is_not_renamed() -> None:
    assert translated({"tonal.key_temperley.key": "Bb"}, ["low.mean"]) == {
        "tonal.key_temperley.key": "Bb"
    }


@pytest.mark.parametrize(
    ("tempi", "weight"),
    [
        ([], 0.0),
        ([120], 1.0),
        ([120, 121, 121, 60], 0.75),
        ([60, 119, 120, 120, 121], 0.8),
        ([251, 260, 100], 1.0),
        ([249.7, 249.7, 60], 2 / 3),
    ],
)
def test_the_weight_of_the_first_peak_counts_its_neighbours(
    tempi: list[float], weight: float
) -> None:
    beats = [*accumulate([0.0, *(60 / tempo for tempo in tempi)])]
    assert first_peak_weight(beats) == pytest.approx(weight)


@pytest.mark.slow
def test_the_weight_is_essentias() -> None:
    essentia = pytest.importorskip("essentia.standard")
    import numpy as np

    random = np.random.default_rng(0)
    peaks = essentia.BpmHistogramDescriptors()
    for _ in range(50):
        tempi = random.normal(random.uniform(60, 200), random.uniform(0.3, 30), 40)
        beats = np.cumsum(60 / tempi.clip(20, 400)).astype(np.float32)
        expected = peaks(np.diff(beats))[1]
        assert first_peak_weight(beats.tolist()) == pytest.approx(expected, abs=1e-5)
