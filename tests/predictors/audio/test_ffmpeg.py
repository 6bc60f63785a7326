from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from catalog.errors import AudioError
from predictors.audio import decoding
from predictors.audio.decoding import read
from tests.support import lab
from tests.support.recordings import ID3V1, encode, id3v2, remux, with_crc

FORMATS = {"a.m4a": "aac", "a.aac": "aac", "a.wma": "wmav2", "a.webm": "libopus", "a.mp2": "mp2"}


def music(seconds: float = 8, rate: int = 44100) -> NDArray[np.float32]:
    """A tone and noise, of which the second half is a hundred times as loud."""
    times = np.arange(int(seconds * rate)) / rate
    samples = np.sin(2 * np.pi * 440 * times) + np.random.default_rng(5).normal(0, 0.2, len(times))
    loud = np.where(times < seconds / 2, 0.003, 0.3)
    return (loud * samples).astype(np.float32)


def joined(path: Path, *parts: Path | bytes) -> Path:
    """Put the bytes of files one behind the other."""
    path.write_bytes(b"".join(p if isinstance(p, bytes) else p.read_bytes() for p in parts))
    return path


def patched(path: Path, at: int, value: bytes) -> Path:
    content = bytearray(path.read_bytes())
    content[at : at + len(value)] = value
    path.write_bytes(content)
    return path


def xing(path: Path, frames: float = 1, length: float = 1) -> Path:
    """Multiply the number of frames and of bytes that an MP3 states."""
    content = path.read_bytes()
    at = content.index(b"Info") + 8
    for place, factor in ((at, frames), (at + 4, length)):
        stated = int.from_bytes(content[place : place + 4])
        patched(path, place, int(stated * factor).to_bytes(4))
    return path


def same_end(found: NDArray[np.float32], samples: NDArray[np.float32]) -> bool:
    """Tell whether the loud half is at the end of a signal, at most a tenth of a second off."""
    quiet, loud = (np.abs(found[: len(found) // 2 - 9999]), np.abs(found[len(found) // 2 + 9999 :]))
    return abs(len(found) - len(samples)) < 4410 and quiet.max() < 0.02 < 0.1 < loud.mean()


def holds(found: NDArray[np.float32], samples: NDArray[np.float32]) -> bool:
    """Tell whether most of a signal is in another, but for the last of its 16 bits."""
    part = samples[9999:330_000]
    shift = int(np.correlate(found, part[200_000:201_000]).argmax()) - 200_000
    return shift >= 0 and bool(np.allclose(found[shift:][: len(part)], part, rtol=0, atol=4e-5))


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


@pytest.mark.parametrize(
    "options", [{"flags": "+qscale", "global_quality": "236"}, {"abr": "1"}, {}], ids=str
)
def test_mp3_without_a_xing_header_is_heard_to_its_end(
    options: dict[str, str], tmp_path: Path
) -> None:
    samples = music(20)
    path = tmp_path / "a.mp3"
    encode(path, samples, "libmp3lame", options=options, container={"write_xing": "0"})
    assert b"Info" not in path.read_bytes() and b"Xing" not in path.read_bytes()
    assert same_end(read(path).samples, samples)


@pytest.mark.parametrize(("frames", "length"), [(0, 1), (0, 0), (0.4, 1), (0.4, 0.4), (3, 1)])
def test_mp3_whose_xing_header_is_wrong_is_heard_to_its_end(
    frames: float, length: float, tmp_path: Path
) -> None:
    samples = music()
    path = encode(tmp_path / "a.mp3", samples, "libmp3lame")
    assert same_end(read(xing(path, frames, length)).samples, samples)


@pytest.mark.parametrize(
    "between", [b"", ID3V1, id3v2(300), ID3V1 + id3v2(60_000)], ids=["none", "v1", "v2", "picture"]
)
@pytest.mark.parametrize("write_xing", ["0", "1"])
def test_mp3_behind_mp3_is_heard(between: bytes, write_xing: str, tmp_path: Path) -> None:
    written = {"write_xing": write_xing}
    part = encode(tmp_path / "part.mp3", music(), "libmp3lame", container=written)
    both = read(joined(tmp_path / "a.mp3", part, between, part, ID3V1)).samples
    alone = read(part).samples
    assert abs(len(both) - 2 * len(alone)) < 3 * 1152
    assert holds(both[:350_000], alone) and holds(both[350_000:], alone)


@pytest.mark.parametrize("head", [id3v2(70_000), id3v2(9) + id3v2(500), bytes(500)])
def test_what_lies_before_an_mp3_is_passed_over(head: bytes, tmp_path: Path) -> None:
    part = encode(tmp_path / "part.mp3", music(), "libmp3lame")
    found = read(joined(tmp_path / "a.mp3", head, part)).samples
    assert holds(found, read(part).samples)


def links(folder: Path, codec: str, *kinds: tuple[int, int]) -> list[Path]:
    """Ogg files of one codec, each of another rate, number of channels, and signal."""
    found = []
    for index, (rate, channels) in enumerate(kinds):
        path = folder / f"{index}.ogg"
        samples = np.stack([music(3, rate)[:: 1 - 2 * index]] * channels)
        if codec == "vorbis":
            soundfile.write(path, samples.T, rate)
        elif codec == "flac":
            remux(encode(folder / f"{index}.flac", samples, codec, rate), path, "ogg")
        else:
            encode(path, samples, codec, rate)
        found.append(path)
    return found


@pytest.mark.parametrize("codec", ["vorbis", "libopus", "flac"])
def test_every_link_of_a_chain_is_heard(codec: str, tmp_path: Path) -> None:
    first, second = links(tmp_path, codec, (48000, 2), (48000, 2))
    both = read(joined(tmp_path / "a.ogg", first, second)).samples
    alone = [read(path).samples for path in (first, second)]
    assert abs(len(both) - sum(map(len, alone))) < 1000
    np.testing.assert_allclose(both[:100_000], alone[0][:100_000], atol=1e-6)
    shift = len(both) - len(alone[1])
    # The first frames of a link are laid over the last of the link before.
    np.testing.assert_allclose(both[shift + 9999 :], alone[1][9999:], atol=1e-3)


@pytest.mark.parametrize("codec", ["vorbis", "libopus", "flac"])
@pytest.mark.parametrize("second", [(24000, 2), (48000, 1)], ids=["rate", "channels"])
def test_a_chain_of_different_kinds_is_refused(
    codec: str, second: tuple[int, int], tmp_path: Path
) -> None:
    path = joined(tmp_path / "a.ogg", *links(tmp_path, codec, (48000, 2), second))
    if (codec, second[0]) == ("libopus", 24000):  # all Opus is decoded at 48 kHz
        assert abs(read(path).duration - 6) < 0.05
        return
    with pytest.raises(AudioError, match=r"parts of different kinds|changes from 48000 Hz"):
        read(path)


def test_mp3_of_another_rate_behind_mp3_is_refused(tmp_path: Path) -> None:
    parts = [encode(tmp_path / f"{r}.mp3", music(3, r), "libmp3lame", r) for r in (44100, 22050)]
    with pytest.raises(AudioError, match=r"from 44100 Hz, 1 channel .* to 22050 Hz"):
        read(joined(tmp_path / "a.mp3", *parts))


def test_opus_whose_header_hints_at_8_khz_is_decoded_at_48_khz(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.opus", lab.sine(8000), "libopus", 8000)
    at = path.read_bytes().index(b"OpusHead") + 12
    assert int.from_bytes(path.read_bytes()[at : at + 4], "little") == 8000
    found = read(path)
    assert (found.sample_rate, len(found.samples)) == (48000, 3.2 * 48000)
    assert np.abs(np.fft.rfft(found.samples[48000:96000])).argmax() == 440


@pytest.mark.parametrize("more", [None, 0, 7, 20_000], ids=["zero", "right", "7", "20000"])
def test_wav_whose_size_is_zero_or_a_little_too_large_is_heard(
    more: int | None, tmp_path: Path
) -> None:
    path = lab.audio(tmp_path / "a.wav", lab.sine(16000), 16000)
    size = path.stat().st_size - 44
    stated = 0 if more is None else size + more
    patched(patched(path, 4, stated.to_bytes(4, "little")), 40, stated.to_bytes(4, "little"))
    np.testing.assert_array_equal(read(path).samples, lab.sine(16000))


@pytest.mark.parametrize("size", [2**32 - 1, 2**31 - 1, 0x7FFFF000, 2**31])
def test_wav_written_to_a_pipe_is_heard(size: int, tmp_path: Path) -> None:
    path = lab.audio(tmp_path / "a.wav", lab.sine(16000), 16000)
    patched(path, 40, size.to_bytes(4, "little"))
    np.testing.assert_array_equal(read(path).samples, lab.sine(16000))


def test_tags_around_flac_are_passed_over(tmp_path: Path) -> None:
    part = lab.audio(tmp_path / "part.flac", lab.sine(16000), 16000)
    for head, tail in ((b"", ID3V1), (id3v2(5000), b""), (id3v2(9), ID3V1)):
        found = read(joined(tmp_path / "a.flac", head, part, tail))
        np.testing.assert_array_equal(found.samples, lab.sine(16000))


def test_tags_in_another_encoding_than_utf_8_are_passed_over(tmp_path: Path) -> None:
    flac = lab.audio(tmp_path / "a.flac", lab.sine(16000), 16000).read_bytes()
    title = "TITLE=café".encode("latin-1")
    texts = [size.to_bytes(4, "little") for size in (0, 1, len(title))]
    comment = b"".join(texts) + title
    block = b"\4" + len(comment).to_bytes(3, "big") + comment
    found = read(flac[:42] + block + flac[42:])  # behind what FLAC says of the stream
    np.testing.assert_array_equal(found.samples, lab.sine(16000))


def test_aac_with_tags_or_checksums_is_heard(tmp_path: Path) -> None:
    part = encode(tmp_path / "part.aac", music(), "aac", format="adts")
    plain = read(part).samples
    assert same_end(plain, music())
    checked = with_crc(part.read_bytes())
    assert checked[:2] in (b"\xff\xf0", b"\xff\xf8")
    for content in (id3v2(5000) + part.read_bytes(), part.read_bytes() + ID3V1, checked):
        np.testing.assert_array_equal(read(content).samples, plain)


def test_flac_in_ogg_is_flac(tmp_path: Path) -> None:
    flac = encode(tmp_path / "a.flac", music(), "flac")
    found = read(remux(flac, tmp_path / "a.oga", "ogg"))
    np.testing.assert_array_equal(found.samples, read(flac).samples)


def test_mp3_in_a_wav_is_mp3(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.wav", music(), "libmp3lame", format="wav")
    assert path.read_bytes().startswith(b"RIFF")
    assert same_end(read(path).samples, music())


WRITTEN: dict[str, Callable[[Path], Path]] = {
    "wav": lambda path: lab.audio(path, music(), 44100),
    "w64": lambda path: lab.audio(path, music(), 44100),
    "caf": lambda path: lab.audio(path, music(), 44100),
    "aiff": lambda path: lab.audio(path, music(), 44100),
    "au": lambda path: lab.audio(path, music(), 44100),
    "flac": lambda path: lab.audio(path, music(), 44100),
    "mp3": lambda path: encode(path, music(), "libmp3lame"),
    "webm": lambda path: encode(path, music(8, 48000), "libopus", 48000),
}


@pytest.mark.parametrize("ending", WRITTEN)
def test_a_file_that_lasts_less_than_it_says_is_told(ending: str, tmp_path: Path) -> None:
    path = WRITTEN[ending](tmp_path / f"a.{ending}")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    with pytest.raises(AudioError, match="damaged or cut off") as caught:
        read(path)
    if ending != "flac":  # whose last frame is cut off, too
        assert "says that it lasts 8." in caught.value.why
        assert caught.value.why.endswith(" s were decoded.")


def test_a_xing_header_that_promises_more_is_told(tmp_path: Path) -> None:
    path = xing(encode(tmp_path / "a.mp3", music(), "libmp3lame"), 2, 2)
    with pytest.raises(AudioError, match="damaged or cut off") as caught:
        read(path)
    assert caught.value.why == "Its header says that it lasts 16.0 s, and 8.0 s were decoded."


def test_flac_that_lasts_longer_than_it_says_is_told(tmp_path: Path) -> None:
    part = lab.audio(tmp_path / "part.flac", music(), 44100)
    with pytest.raises(AudioError, match="damaged") as caught:
        read(joined(tmp_path / "a.flac", part, part))
    assert caught.value.why == "Its header says that it lasts 8.0 s, and 16.0 s were decoded."


@pytest.mark.parametrize("name", ["a.m4a", "a.wma"])
def test_other_files_that_are_cut_off_are_told(name: str, tmp_path: Path) -> None:
    path = encode(tmp_path / name, music(), FORMATS[name])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match="damaged or cut off"):
        read(path)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp3", "libmp3lame"),
        ("a.mp2", "mp2"),
        ("a.aac", "aac"),
        ("a.m4a", "aac"),
        ("a.mka", "aac"),
        ("a.flac", "flac"),
        ("a.opus", "libopus"),
        ("a.wma", "wmav2"),
    ],
)
def test_damage_in_the_middle_is_told(name: str, codec: str, tmp_path: Path) -> None:
    rate = 48000 if codec == "libopus" else 44100
    format = "adts" if name == "a.aac" else None
    path = encode(tmp_path / name, music(8, rate), codec, rate, format)
    size = path.stat().st_size
    assert abs(read(path).duration - 8) < 0.1
    for damage in (bytes(size // 20), np.random.default_rng(2).bytes(size // 20)):
        patched(path, size // 2, damage)
        with pytest.raises(AudioError, match="damaged or cut off"):
            read(path)


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
