from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catalog.errors import UsageError
from catalog.index import catalog
from catalog.record import Record
from predictors.model import Model
from predictors.separation import Separator, is_separation
from tests.support import lab

GAINS = {"vocals": 0.25, "drums": 0.5, "other": -1.0}


@pytest.fixture
def separator(tmp_path: Path) -> Separator:
    path = lab.separator(tmp_path, GAINS)
    return Separator(Model(Record.load(path.with_suffix(".json")), path))


def test_stems_are_what_the_network_makes_of_both_sides(
    separator: Separator, tmp_path: Path
) -> None:
    stereo = np.stack([lab.sine(44100), lab.noise(44100)], axis=1)
    path = lab.audio(tmp_path / "song.wav", stereo, 44100)
    for source in (path, str(path), stereo):
        found = separator.separate(source)
        assert (found.sample_rate, list(found.waveforms)) == (44100, list(GAINS))
        for name, gain in GAINS.items():
            np.testing.assert_allclose(found.waveforms[name], gain * stereo, atol=1e-4)


def test_mono_is_heard_from_both_sides(separator: Separator) -> None:
    samples = lab.sine(44100)
    found = separator.separate(samples).waveforms["other"]
    np.testing.assert_array_equal(found, -np.stack([samples, samples], axis=1))


def test_other_rates_are_resampled_each_side_by_itself(separator: Separator) -> None:
    stereo = np.stack([lab.sine(16000), np.zeros_like(lab.sine(16000))], axis=1)
    found = separator.separate(stereo, 16000)
    assert found.duration == pytest.approx(3.2, abs=1e-3)
    left, right = found.waveforms["other"].T
    assert np.abs(left).max() > 0.4 and not right.any()


def test_there_are_no_activations(separator: Separator) -> None:
    with pytest.raises(UsageError, match="vocals, drums, other") as raised:
        separator.predict(lab.sine(44100))
    assert "--output stems/" in raised.value.hint


def test_a_network_that_reads_something_else_is_refused(tmp_path: Path) -> None:
    tiny = lab.Network(tmp_path)
    with pytest.raises(UsageError, match="does not read stereo"):
        Separator(Model(Record(tiny.record), tiny.path)).separate(lab.sine(44100))


def test_spleeter_is_known_by_its_records() -> None:
    separating = {record.id for record in catalog().models if is_separation(record)}
    assert separating == {"spleeter-2s-3", "spleeter-4s-3", "spleeter-5s-3"}
