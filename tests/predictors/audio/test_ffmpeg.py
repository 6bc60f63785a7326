"""What FFmpeg decodes, within limits: sound as it was encoded, and as Essentia has it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from catalog.errors import AudioError
from predictors.audio import decoding
from predictors.audio.decoding import read
from tests.support import lab
from tests.support.recordings import FORMATS, encode, id3v2, music, patched


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_decoded_is_the_sound_that_was_encoded(name: str, tmp_path: Path) -> None:
    signal = np.stack([lab.sine(48000)] * 2)
    format = "adts" if name == "a.aac" else None
    decoded = read(encode(tmp_path / name, signal, FORMATS[name], 48000, format))
    assert decoded.sample_rate == 48000
    assert abs(decoded.duration - 3.2) < 0.1
    middle = decoded.samples[48000:96000]
    assert np.abs(np.fft.rfft(middle)).argmax() == 440
    assert abs(middle.std() - 0.5 / 2**0.5) < 0.01


def test_a_film_is_whole_though_its_sound_ends_before_its_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w", format="matroska") as file:
        video: Any = file.add_stream("mpeg4", rate=1, width=64, height=64, pix_fmt="yuv420p")
        audio: Any = file.add_stream("aac", rate=44100, layout="mono")
        for _ in range(9):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
            file.mux(video.encode(picture))
        file.mux(video.encode())
        for start in range(0, 44100, 1024):
            part = music(1.1)[None, start : start + 1024]
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44100, start
            file.mux(audio.encode(frame))
        file.mux(audio.encode())
    assert abs(read(path).duration - 1) < 0.1


def test_a_film_without_sound_is_told(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=24, width=64, height=64, pix_fmt="yuv420p")
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        container.mux([*stream.encode(frame), *stream.encode()])
    with pytest.raises(AudioError, match="holds no audio"):
        read(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXTINF:3,\nsecret.wav\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile secret.wav\n",
        b"[playlist]\nFile1=secret.wav\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 96\na=rtpmap:96 L16/8000\n",
    ],
    ids=["m3u8", "concat", "pls", "sdp"],
)
@pytest.mark.parametrize("name", ["a.m3u8", "a.mp3", "a.wav"])
@pytest.mark.parametrize("head", [b"", id3v2(20)], ids=["bare", "tagged"])
def test_what_can_name_other_files_is_never_opened(
    content: bytes, name: str, head: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.audio(tmp_path / "secret.wav", lab.sine(16000), 16000)
    (tmp_path / name).write_bytes(head + content)
    monkeypatch.setattr(av, "open", lambda *_, **__: pytest.fail("FFmpeg was shown it"))
    with pytest.raises(AudioError, match="cannot be decoded"):
        read(tmp_path / name)


def test_the_terminal_hears_nothing_of_libav(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", music(), "libmp3lame")
    patched(path, path.stat().st_size // 2, np.random.default_rng(2).bytes(9000))
    script = "import sys; from predictors.audio.decoding import read\ntry: read(sys.argv[1])\n"
    script += "except Exception as error: print(error.message)"
    ran = subprocess.run([sys.executable, "-c", script, path], capture_output=True, check=True)
    assert (ran.stderr, b"damaged" in ran.stdout) == (b"", True)


def test_a_file_that_is_left_half_read_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "PIECE", 1000)
    path = encode(tmp_path / "a.flac", music(), "flac")
    tasks, files = Path("/proc/self/task"), Path("/proc/self/fd")
    before = threading.active_count(), len([*tasks.glob("*")]), len([*files.glob("*")])
    for _ in range(5):
        pieces = decoding.read_pieces(path)
        next(pieces)
        del pieces
    assert before == (threading.active_count(), len([*tasks.glob("*")]), len([*files.glob("*")]))


@pytest.mark.parametrize("channels", [1, 64, 65, 600, 1000])
def test_more_than_64_channels_are_refused(channels: int, tmp_path: Path) -> None:
    path = lab.audio(tmp_path / "a.wav", np.full((50, channels), 0.5), 16000)
    if channels <= 64:
        np.testing.assert_allclose(read(path).samples, 0.5, atol=1e-4)
        return
    with pytest.raises(AudioError, match="cannot be mixed down") as caught:
        read(path)
    assert "1 to 64" in caught.value.why


@pytest.mark.parametrize("rate", [1, 999, 6_000_001, 2**31 - 1])
def test_rates_that_are_no_audio_are_refused(rate: int, tmp_path: Path) -> None:
    path = lab.audio(tmp_path / "a.wav", lab.sine(16000), 16000)
    patched(path, 24, rate.to_bytes(4, "little"))
    with pytest.raises(AudioError, match=f"sample rate of {rate} Hz"):
        read(path)


@pytest.mark.parametrize("rate", [1000, 6_000_000])
def test_rates_at_the_limits_are_heard(rate: int, tmp_path: Path) -> None:
    path = lab.audio(tmp_path / "a.wav", lab.sine(16000), 16000)
    assert read(patched(path, 24, rate.to_bytes(4, "little"))).sample_rate == rate


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_each_type_of_samples_is_scaled_to_full_scale(subtype: str, tmp_path: Path) -> None:
    samples = np.linspace(-1, 0.99, 500, dtype=np.float32)
    soundfile.write(tmp_path / "a.wav", np.stack([samples, -samples], 1), 8000, subtype)
    ((found, _),) = decoding.read_channels(tmp_path / "a.wav")
    expected = soundfile.read(tmp_path / "a.wav", dtype="float32")[0]
    np.testing.assert_array_equal(found, expected)


ESSENTIA = """
import sys
import numpy as np
import essentia
essentia.log.infoActive = False
from essentia.standard import AudioLoader
for path in sys.argv[1:]:
    samples, _, channels, *_ = AudioLoader(filename=path)()
    np.save(path + ".npy", samples[:, :channels])
"""


@pytest.mark.slow
def test_loud_audio_has_the_samples_of_essentia(tmp_path: Path) -> None:
    pytest.importorskip("essentia")
    loud = np.stack([7 * music(3), 5 * music(3)])
    files = {
        encode(tmp_path / "a.mp3", loud, "libmp3lame"): 0.0,  # both are clipped, to 16 bits
        encode(tmp_path / "a.m4a", loud, "aac"): 2e-6,
        encode(tmp_path / "a.mp2", np.clip(loud, -1, 1), "mp2"): 0.0,
        encode(tmp_path / "a.wav", loud, "pcm_f32le"): 0.0,
        tmp_path / "a.ogg": 2e-6,
    }
    soundfile.write(tmp_path / "a.ogg", loud.T, 44100)
    command = [sys.executable, "-c", ESSENTIA, *map(str, files)]
    subprocess.run(command, check=True, capture_output=True)
    for path, tolerance in files.items():
        expected = np.load(f"{path}.npy")
        found = np.concatenate([piece for piece, _ in decoding.read_channels(path)])
        assert 0 <= len(expected) - len(found) < 2048, path  # the end of Vorbis is not cut there
        np.testing.assert_allclose(found, expected[: len(found)], rtol=0, atol=tolerance)
        assert np.abs(found).max() > (0.999 if path.suffix in (".mp3", ".mp2") else 1.5)
