"""Files with wrong headers, tags, and several streams, as they are found: heard to their end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from catalog.errors import AudioError
from predictors.audio.decoding import read
from tests.support import lab
from tests.support.recordings import (
    ID3V1,
    encode,
    holds,
    id3v2,
    joined,
    music,
    patched,
    remux,
    same_end,
    with_crc,
    xing,
)


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
