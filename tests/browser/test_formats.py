"""Files of each format in each browser: the same samples, and what `zoo predict` says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from catalog.index import catalog
from convert import tfjs
from predictors.audio.decoding import read
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import SHARED
from tests.support.observed import Observed
from tests.support.recordings import encode
from zoo.exporting.preparation import ExportOptions, prepare
from zoo.exporting.reference import ReferenceModel

pytestmark = [pytest.mark.browser, pytest.mark.shared]

SCRIPT = Path(__file__).with_name("engine.mjs")
RECORD = catalog().find("msd-musicnn-1")
GRAPH = SHARED / "models" / "msd-musicnn-1.pb"
RATE = 44100
SECONDS = 3.4


def _soundfile(path: Path, samples: Any) -> None:
    soundfile.write(path, samples.T, RATE)


def _encoder(codec: str, rate: int = RATE, format: str | None = None) -> Callable[..., Any]:
    return lambda path, samples: encode(
        path, samples[:, :: RATE // rate] if rate < RATE else samples, codec, rate, format, start=0
    )


FORMATS: dict[str, tuple[str, Callable[..., Any]]] = {
    "WAV": ("a.wav", _soundfile),
    "FLAC": ("a.flac", _soundfile),
    "MP3, 44.1 kHz": ("a.mp3", _encoder("libmp3lame")),
    "MP3, 22.05 kHz": ("low.mp3", _encoder("libmp3lame", RATE // 2)),
    "MP3 without a header of its length": (
        "bare.mp3",
        lambda path, samples: encode(path, samples, "libmp3lame", container={"write_xing": "0"}),
    ),
    "M4A (AAC)": ("a.m4a", _encoder("aac", format="mp4")),
    "AAC (ADTS)": ("a.aac", _encoder("aac", format="adts")),
    "M4A (ALAC)": ("lossless.m4a", _encoder("alac", format="mp4")),
    "OGG (Vorbis)": ("a.ogg", _soundfile),
    "OGG (Opus)": (
        "a.opus",
        lambda path, samples: soundfile.write(path, samples.T, 48000, format="OGG", subtype="OPUS"),
    ),
    "WebM (Opus)": ("a.webm", _encoder("libopus", 48000, "webm")),
    "AIFF": ("a.aiff", _soundfile),
}


LIMITS = {
    ("AAC (ADTS)", "firefox"): 1e-2,  # which leaves out the first frame
    ("OGG (Opus)", "webkit"): 1e-1,  # which has another decoder of stereo
    ("WebM (Opus)", "webkit"): 1e-1,
    ("WebM (Opus)", "chromium"): 1e-1,  # half a millisecond early, as its times are rounded
}
"""How far activations may be off, where it is not 1e-3."""


def song() -> np.ndarray:
    """Chords with an attack each half second, over noise [shape=(2, samples)]."""
    times = np.arange(int(RATE * SECONDS)) / RATE
    notes = 220 * 2 ** (np.array([0, 4, 7, 12]) / 12) * (1 + np.floor(times * 2)[:, None] / 8)
    chords = np.sin(2 * np.pi * notes * times[:, None]).sum(axis=1) / 8
    attacks = np.exp(-6 * (times % 0.5))
    noise = np.random.default_rng(1).normal(0, 0.02, (2, len(times)))
    return np.asarray(chords * attacks + noise, np.float32)


def bound(difference: float) -> str:
    """The next power of ten, from 1e-5: sums in another order make nearly 1e-6."""
    return f"{10.0 ** np.ceil(np.log10(max(difference, 1e-5))):.0e}".replace("e-0", "e-")


@dataclass(frozen=True)
class Said:
    """What Python says of a file: its rate, and a row of activations a patch."""

    sample_rate: int
    rows: NDArray[np.float32]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that can be tried, and a song in each format."""
    folder = tmp_path_factory.mktemp("formats")
    for name, writer in FORMATS.values():
        writer(folder / name, song())
    order = ExportOptions(RECORD.id, "tfjs", frontend=True)
    layers = tuple(layer.name for layer in RECORD.outputs)
    tfjs.write(prepare(ReferenceModel(Model(RECORD, GRAPH), layers), order), folder / RECORD.id)
    return folder


@pytest.fixture(scope="module")
def said(place: Path) -> dict[str, Said]:
    """What Python says of each file."""
    predictor = Predictor(Model(RECORD, GRAPH))
    return {
        name: Said(read(place / name).sample_rate, predictor.predict(place / name).activations)
        for name, _ in FORMATS.values()
    }


def test_every_format_is_heard_as_by_zoo_predict(
    browser: Any, site: Path, place: Path, said: dict[str, Said], observed: Observed
) -> None:
    for file in place.iterdir():
        (site / file.name).symlink_to(file)
    args = {"task": "decoded", "model": f"{RECORD.id}/", "files": list(said)}
    unread = []

    for row, heard in zip(FORMATS, browser.run(SCRIPT, site, args=args), strict=True):
        expected = said[FORMATS[row][0]]
        if "error" in heard:
            assert heard["error"].startswith("EncodingError"), (row, heard["error"])
            assert row in ("AIFF", "M4A (ALAC)"), row
            observed.note("formats", row, browser.name, "not read")
            unread.append(row)
            continue
        assert heard["sampleRate"] == expected.sample_rate, row
        rows = np.asarray(heard["rows"])
        assert abs(len(rows) - len(expected.rows)) <= 1, row  # the end may be a frame longer
        both = min(len(rows), len(expected.rows))
        difference = float(np.abs(rows[:both] - expected.rows[:both]).max())
        assert difference < LIMITS.get((row, browser.name), 1e-3), row
        observed.note("formats", row, browser.name, bound(difference))
    told = f"yes, but for {' and '.join(unread)}" if unread else "yes"
    observed.note("features", "each format of the table in Numbers", browser.name, told)


def test_slices_of_an_mp3_meet_without_a_seam(browser: Any, site: Path) -> None:
    # The lower the bitrate, the more frames a frame refers back to.
    twice = np.tile(song(), 2)
    rates = {
        "usual.mp3": (twice, RATE, 128_000),
        "least.mp3": (twice[:1, : 6 * 24_000], 24_000, 8_000),
    }
    for name, (samples, rate, bits) in rates.items():
        encode(site / name, samples, "libmp3lame", rate, bits=bits)
    junk = (site / "usual.mp3").read_bytes() + b"junk"
    (site / "junk.mp3").write_bytes(junk)

    args = {"task": "samples", "files": [*rates, "junk.mp3"]}
    *sliced, whole = browser.run(SCRIPT, site, args=args)

    assert [found["asked"] for found in sliced] == [3, 2]
    assert whole["asked"] == 1
    for name, found in zip(rates, sliced, strict=True):
        expected = read(site / name).samples
        # Firefox and WebKit round to 16 bits.
        np.testing.assert_allclose(found["samples"], expected, rtol=0, atol=2**-14, err_msg=name)
