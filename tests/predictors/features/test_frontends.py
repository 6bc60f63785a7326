from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from predictors.features import analysis
from predictors.features.frontends import FSDSINET, MUSICNN, TEMPOCNN, VGGISH, FrontEnd
from predictors.features.mel import filter_bank
from tests.support import REFERENCE, lab

VALUES = np.load(REFERENCE)
"""Frames that Essentia 2.1b6.dev1389 computed of synthetic signals."""

TOLERANCES = {"musicnn": 5e-4, "vggish": 1e-3, "tempocnn": 5e-5, "fsdsinet": 1e-3}
FRONTENDS = {frontend.name: frontend for frontend in (MUSICNN, VGGISH, TEMPOCNN, FSDSINET)}
SIGNALS = {"sine440": "sine", "impulses120bpm": "impulses", "chirp": "chirp", "noise": "noise"}
CASES = sorted({key.rpartition("/")[0] for key in VALUES if not key.split("/")[1].isdigit()})


@pytest.mark.parametrize("case", CASES)
def test_the_features_of_synthetic_signals_are_those_of_essentia(case: str) -> None:
    signal, name = case.split("/")
    kind, rate = signal.split("_")
    samples = getattr(lab, SIGNALS[kind])(int(rate))[
        : 4 * int(rate) if name == "fsdsinet" else None
    ]
    found = analysis.features(samples, FRONTENDS[name])
    assert found.dtype == np.float32
    assert len(found) == VALUES[f"{case}/count"]
    rows = found[VALUES[f"{case}/rows"]]
    np.testing.assert_allclose(rows, VALUES[f"{case}/values"], rtol=0, atol=TOLERANCES[name])


@pytest.mark.parametrize(
    ("frontend", "value"), [(MUSICNN, 0), (VGGISH, np.log(0.01)), (TEMPOCNN, 0), (FSDSINET, -30)]
)
def test_silence_has_one_value_everywhere(frontend: FrontEnd, value: float) -> None:
    found = analysis.features(np.zeros(30000, np.float32), frontend)
    np.testing.assert_allclose(found, value, atol=1e-6)


@pytest.mark.parametrize("samples", [1, 255, 256, 257, 512, 513, 1000])
def test_there_is_a_frame_at_or_after_the_end(samples: int) -> None:
    found = len(analysis.features(np.ones(samples, np.float32), MUSICNN))
    assert found == 1 + int(np.ceil(samples / 256))


def test_blocks_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = lab.noise(16000)
    whole = analysis.features(samples, MUSICNN)
    monkeypatch.setattr(analysis, "BLOCK", 7 * MUSICNN.fft)
    np.testing.assert_allclose(analysis.features(samples, MUSICNN), whole, atol=1e-5)


@pytest.mark.parametrize("bands", [1, 7, 9, 400])
def test_bands_are_the_product_with_the_filter_bank(bands: int) -> None:
    frontend = replace(MUSICNN, bands=bands, high=2000, compression=None)
    samples = lab.noise(16000)
    spectra = np.fft.rfft(analysis.framed(samples, frontend) * analysis.window(frontend))
    expected = np.abs(spectra) ** 2 @ filter_bank(frontend)
    found = analysis.features(samples, frontend)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_a_frame_is_centred_on_its_time() -> None:
    samples = np.zeros(16000, np.float32)
    samples[100 * 80] = 1
    energy = analysis.features(samples, replace(MUSICNN, hop=80)).sum(axis=1)
    assert energy.argmax() == 100


@pytest.mark.parametrize("frontend", FRONTENDS.values(), ids=FRONTENDS)
def test_triangles_lie_between_the_bounds(frontend: FrontEnd) -> None:
    bank = filter_bank(frontend)
    hertz = np.arange(len(bank)) * frontend.sample_rate / frontend.fft
    heard = hertz[bank.any(axis=1)]
    assert bank.shape == (frontend.fft // 2 + 1, frontend.bands)
    assert (bank >= 0).all()
    assert frontend.low <= heard.min() and heard.max() <= frontend.high


def test_a_front_end_is_found_by_its_values() -> None:
    """The kernel knows no names: another row of the table is another front-end."""
    wide: dict[str, Any] = {"name": "wide", "bands": 48, "compression": None}
    found = analysis.features(lab.sine(16000), replace(MUSICNN, **wide))
    assert found.shape == (201, 48)
    assert (found.argmax(axis=1)[5:-5] == found.argmax(axis=1)[5]).all()
