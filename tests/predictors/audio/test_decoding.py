from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from catalog.errors import AudioError, NotFoundError, UsageError
from predictors.audio import decoding
from predictors.audio.decoding import Audio, from_array, read
from tests.support import REFERENCE, lab

VALUES = np.load(REFERENCE)


@pytest.mark.parametrize(
    ("ending", "error"), [("wav", 0), ("flac", 0), ("ogg", 0.05), ("mp3", 0.05)]
)
def test_the_common_formats_are_read(ending: str, error: float, tmp_path: Path) -> None:
    samples = lab.sine(44100)
    found = read(lab.audio(tmp_path / f"a.{ending}", samples, 44100))
    assert found.sample_rate == 44100
    assert found.duration == pytest.approx(3.2, abs=0.1)
    middle = slice(20000, 100000)
    assert np.abs(np.abs(found.samples[middle]).max() - 0.5) <= error + 1e-4
    if not error:
        np.testing.assert_array_equal(found.samples, samples)


def test_channels_are_mixed_to_their_mean(tmp_path: Path) -> None:
    channels = np.arange(8) / 16 * np.ones((8000, 1))
    found = read(lab.audio(tmp_path / "eight.wav", channels, 8000))
    np.testing.assert_allclose(found.samples, channels.mean(), atol=1e-4)


def test_peaks_are_not_clipped(tmp_path: Path) -> None:
    path, samples = tmp_path / "loud.wav", np.tile([3.0, 0.5], (100, 1))
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    assert read(path).samples.tolist() == [1.75] * 100
    assert from_array(samples, 8000).samples.tolist() == [1.75] * 100


def test_samples_that_were_not_scaled_are_refused(tmp_path: Path) -> None:
    samples = np.array([0.5, -16.5, 3])
    soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="FLOAT")
    for read_them in (lambda: read(tmp_path / "a.wav"), lambda: from_array(samples, 8000)):
        with pytest.raises(AudioError, match="up to 16") as caught:
            read_them()
        assert caught.value.hint == "Divide by 32768."
    assert from_array(samples / 16.5 * 16, 8000).samples.min() == -16


RESAMPLED = [case[1] for name in VALUES if (case := re.fullmatch(r"(\w+/\d+)/count", name))]


@pytest.mark.parametrize("case", RESAMPLED)
def test_resampling_gives_the_samples_of_essentia_and_its_library(case: str) -> None:
    signal, origin, rate = re.split("[_/]", case)
    found = Audio(getattr(lab, signal)(int(origin)), int(origin)).resampled(int(rate))
    assert found.sample_rate == int(rate)
    assert len(found.samples) == VALUES[f"{case}/count"]
    rows = found.samples[VALUES[f"{case}/rows"]]
    np.testing.assert_allclose(rows, VALUES[f"{case}/values"], rtol=0, atol=1e-6)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nothing\.wav"):
        read(tmp_path / "nothing.wav")


def test_a_folder_is_no_audio(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is a folder"):
        read(tmp_path)


@pytest.mark.parametrize("content", [b"<!DOCTYPE html><p>Not found", b"RIFF\0\0", bytes(3000)])
@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.txt"])
def test_what_is_no_audio_is_refused(content: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AudioError, match=name):
        read(tmp_path / name)


class Pipe(io.RawIOBase):
    """Bytes that can be read once only."""

    def __init__(self, content: bytes) -> None:
        self._rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._rest.readinto(buffer)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_bytes_and_file_objects_are_read_as_the_file_is(ending: str, tmp_path: Path) -> None:
    path = lab.audio(tmp_path / f"a.{ending}", lab.chirp(44100), 44100)
    expected, content = read(path).samples, path.read_bytes()
    np.testing.assert_array_equal(read(content).samples, expected)
    np.testing.assert_array_equal(read(Pipe(content)).samples, expected)
    with path.open("rb") as file:
        file.seek(99)
        assert read(file).name == str(path)
        np.testing.assert_array_equal(read(file).samples, expected)
        assert not file.closed


def test_what_is_wrong_with_a_file_object_is_told() -> None:
    with pytest.raises(AudioError, match="the bytes is empty"):
        read(b"")
    with pytest.raises(AudioError, match="the file object cannot be decoded"):
        read(Pipe(b"<!DOCTYPE html>"))
    with pytest.raises(UsageError, match="binary mode"):
        read(io.StringIO("text"))  # type: ignore[arg-type]


def test_a_file_without_bytes_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").touch()
    with pytest.raises(AudioError, match="is empty"):
        read(tmp_path / "a.mp3")


def test_a_file_without_samples_is_empty(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is empty"):
        read(lab.audio(tmp_path / "a.wav", np.zeros(0), 16000))


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_a_file_that_ends_too_early_is_told(ending: str, tmp_path: Path) -> None:
    path = lab.audio(tmp_path / f"a.{ending}", np.tile(lab.noise(44100), 3), 44100)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioError, match="damaged or cut off"):
        read(path)


def test_a_wav_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    path = lab.audio(tmp_path / "a.wav", lab.sine(16000), 16000)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert read(path).duration == pytest.approx(3.2)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(value: float, tmp_path: Path) -> None:
    samples = np.zeros(100)
    samples[50] = value
    soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="FLOAT")
    with pytest.raises(AudioError, match="not finite"):
        read(tmp_path / "a.wav")
    with pytest.raises(AudioError, match="not finite"):
        from_array(samples, 8000)


@pytest.mark.parametrize("dtype", [np.int16, np.int32])
def test_integers_are_scaled_by_their_type(dtype: type[np.signedinteger]) -> None:
    least = np.iinfo(dtype).min
    assert from_array(np.array([least, 0, -(least // 2)], dtype), 8000).samples.tolist() == [
        -1,
        0,
        0.5,
    ]


@pytest.mark.parametrize("array", [np.zeros(9, np.uint8), np.zeros(9, bool), ["a", "b"]])
def test_other_types_are_refused(array: object) -> None:
    with pytest.raises(UsageError, match="Samples of type"):
        from_array(array, 8000)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(), (2, 800), (4, 2, 2)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="shape"):
        from_array(np.zeros(shape), 8000)


def test_an_array_is_not_changed() -> None:
    samples = np.full((10, 2), 2, np.float32)
    assert from_array(samples, 8000).samples.max() == 2
    assert samples.max() == 2


def test_an_empty_array_is_empty() -> None:
    with pytest.raises(AudioError, match="the array is empty"):
        from_array([], 8000)


def test_silence_is_known() -> None:
    assert from_array(np.zeros(10), 8000).silent
    assert not from_array(np.full(10, 1e-3), 8000).silent


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_pieces_are_the_whole(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lab.audio(tmp_path / f"a.{ending}", np.tile(lab.chirp(44100), 2), 44100)
    whole = read(path)
    monkeypatch.setattr(decoding, "PIECE", 10_007)
    found = list(decoding.read_pieces(path))
    assert len(found) > 20
    assert {(piece.sample_rate, piece.name) for piece in found} == {(44100, str(path))}
    np.testing.assert_array_equal(np.concatenate([piece.samples for piece in found]), whole.samples)


def test_pieces_of_an_array_are_the_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "PIECE", 3)
    samples = np.linspace(-1, 1, 10)
    found = [piece.samples.tolist() for piece in decoding.pieces(samples, 8000)]
    assert [len(piece) for piece in found] == [3, 3, 3, 1]
    assert [value for piece in found for value in piece] == samples.astype(np.float32).tolist()


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), "16000"])
def test_a_sample_rate_that_is_no_rate_is_refused(rate: Any) -> None:
    with pytest.raises(UsageError, match="is not valid"):
        decoding.from_array(np.zeros(10, np.float32), rate)


def test_rates_too_far_apart_are_a_fault_of_the_audio() -> None:
    with pytest.raises(AudioError, match="cannot be resampled"):
        decoding.from_array(np.zeros(10, np.float32), 1).resampled(16000)
