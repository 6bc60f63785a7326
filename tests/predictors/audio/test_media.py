from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import AudioError, MissingExtraError
from predictors.audio import decoding
from tests.support import lab

FORMATS = {"a.m4a": "aac", "a.aac": "aac", "a.wma": "wmav2", "a.webm": "libopus"}


@pytest.fixture
def av() -> Any:
    return pytest.importorskip("av", reason="PyAV is not installed: pip install 'audiozoo[media]'")


def encode(av: Any, path: Path, samples: np.ndarray, codec: str) -> Path:
    """Write stereo at 48 kHz."""
    with av.open(str(path), "w", format="adts" if path.suffix == ".aac" else None) as container:
        stream = container.add_stream(codec, rate=48000, layout="stereo", bit_rate=192000)
        stereo = np.stack([samples, samples])
        frame = av.AudioFrame.from_ndarray(stereo, format="fltp", layout="stereo")
        frame.sample_rate = 48000
        kind = stream.codec_context.format.name
        split = av.AudioResampler(kind, "stereo", 48000, frame_size=960)
        for part in [*split.resample(frame), *split.resample(None), None]:
            container.mux(stream.encode(part))
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_what_pyav_decodes_is_the_sound_that_was_encoded(
    name: str, av: Any, tmp_path: Path
) -> None:
    signal = lab.sine(48000)
    decoded = decoding.read(encode(av, tmp_path / name, signal, FORMATS[name]))
    assert decoded.sample_rate == 48000
    assert abs(decoded.duration - 3.2) < 0.1
    middle = decoded.samples[48000:96000]
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() == 440
    assert abs(middle.std() - 0.5 / 2**0.5) < 0.01


@pytest.mark.parametrize("name", ["a.m4a", "a.webm"])
def test_a_file_that_is_cut_off_is_told(name: str, av: Any, tmp_path: Path) -> None:
    path = encode(av, tmp_path / name, lab.sine(48000), FORMATS[name])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match="damaged or cut off"):
        decoding.read(path)


def test_a_film_without_sound_is_told(av: Any, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=24, width=64, height=64, pix_fmt="yuv420p")
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        container.mux([*stream.encode(frame), *stream.encode()])
    with pytest.raises(AudioError, match="holds no audio"):
        decoding.read(tmp_path / "a.mp4")


def test_a_playlist_is_never_opened(av: Any, tmp_path: Path) -> None:
    lab.audio(tmp_path / "secret.wav", lab.sine(16000), 16000)
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXTINF:3,\nsecret.wav\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError, match="cannot be decoded"):
        decoding.read(tmp_path / "a.m3u8")


@pytest.mark.parametrize("head", [b"\0\0\0\x20ftypM4A ", b"\x1a\x45\xdf\xa3", b"\xff\xf1\x50\x80"])
def test_without_pyav_the_extra_is_named(
    head: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    path = tmp_path / "song.mp3"
    path.write_bytes(head + bytes(100))
    with pytest.raises(MissingExtraError) as caught:
        decoding.read(path)
    assert "audiozoo[media]" in caught.value.hint
