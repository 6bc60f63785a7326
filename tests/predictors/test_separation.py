from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import IntegrityError, UsageError
from catalog.index import catalog
from catalog.record import Record
from freeze.formats import tensors
from freeze.formats.messages import GraphDef
from freeze.network_file import digest
from freeze.with_tensorflow import ENVIRONMENT
from predictors import separation
from predictors.model import Model, is_separation
from predictors.runtimes import notes, openvino_engine, segmented
from predictors.runtimes.segmented import HOPS
from predictors.separation import Separator, joined
from tests.support import lab, separators, spleeter

Apart = Callable[..., Separator]

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


FRAME, STEP, FRAMES = 64, 16, 64


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of a thousand samples."""
    monkeypatch.setattr(separation, "FRAME", FRAME)
    monkeypatch.setattr(separation, "SEGMENT", STEP * FRAMES)


def by_segments(samples: NDArray[np.float32], before: int) -> NDArray[np.float32]:
    """Frames that overlap, each as loud as its segment is on the whole, as Spleeter has them."""
    count = -(-(before + len(samples)) // STEP)
    segments = -(-count // FRAMES)
    padded = np.zeros((segments * FRAMES * STEP + FRAME, 2), np.float32)
    padded[before : before + len(samples)] = samples
    padded = padded[: (count - 1) * STEP + FRAME]
    starts = np.arange(count) * STEP
    frames = padded[starts[:, None] + np.arange(FRAME)]
    whole = np.concatenate([frames, np.zeros((segments * FRAMES - count, FRAME, 2))])
    gains = np.abs(whole.reshape(segments, -1)).mean(axis=1).repeat(FRAMES)[:count]
    made = np.zeros_like(padded)
    for start, frame, gain in zip(starts, frames, gains, strict=True):
        made[start : start + FRAME] += gain * frame
    return made[None, before : before + len(samples)]


@pytest.mark.parametrize("before", [0, FRAME])
@pytest.mark.parametrize("length", [1, 3072, 3072 + FRAME, 3073 + FRAME, 7 * 1024 - 63, 20_000])
def test_blocks_that_are_joined_are_the_whole(before: int, length: int, small: None) -> None:
    random = np.random.default_rng(length)
    music = random.uniform(-1, 1, (length, 2)) * random.uniform(0, 1, length)[:, None].cumsum(0)
    music = (music / np.abs(music).max()).astype(np.float32)
    pieces = np.split(music, np.arange(2500, length, 2500))
    lengths = set()

    def run(samples: NDArray[np.float32]) -> NDArray[np.float32]:
        lengths.add(len(samples))
        return by_segments(samples, before)

    found = np.concatenate(list(joined(pieces, run, "split")), axis=1)
    np.testing.assert_allclose(found, by_segments(music, before), atol=1e-6)
    assert lengths == {min(length, 3 * 1024 + FRAME)}


def test_a_network_that_hears_the_whole_at_once_is_refused_for_long_music(small: None) -> None:
    music = np.random.default_rng(0).uniform(-1, 1, (20_000, 2)).astype(np.float32)
    music[10_000:] *= 0.1

    def run(samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return samples[None] * np.abs(samples).mean()

    (short,) = joined([music[:3000]], run, "split")
    assert short.shape == (1, 3000, 2)
    with pytest.raises(IntegrityError, match="split cannot separate") as raised:
        list(joined([music], run, "split"))
    assert "Cut the music" in raised.value.hint


def test_spectra_go_through_openvino(tmp_path: Path) -> None:
    """It has no Cast to complex numbers, by which Spleeter's masks are applied."""
    graph = GraphDef()
    placeholder = graph.node.add(name="waveform", op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in (-1, 2):
        placeholder.attr["shape"].shape.dim.add(size=size)
    graph.node.append(tensors.constant("order", np.array([1, 0], np.int32)))
    graph.node.append(tensors.constant("length", np.array([1024], np.int32)))
    graph.node.append(tensors.constant("mask", np.float32(0.5)))
    for name, op, inputs, types in (
        ("sides", "Transpose", ["waveform", "order"], {"T": 1, "Tperm": 3}),
        ("spectra", "RFFT", ["sides", "length"], {"Treal": 1, "Tcomplex": 8}),
        ("masks", "Cast", ["mask"], {"SrcT": 1, "DstT": 8}),
        ("masked", "Mul", ["spectra", "masks"], {"T": 8}),
        ("back", "IRFFT", ["masked", "length"], {"Treal": 1, "Tcomplex": 8}),
        ("waveform_vocals", "Transpose", ["back", "order"], {"T": 1, "Tperm": 3}),
    ):
        node = graph.node.add(name=name, op=op, input=inputs)
        for key, value in types.items():
            node.attr[key].type = value
    path = tmp_path / "split.pb"
    path.write_bytes(lab.serialize(graph))
    model = Model(Record({"schema": {"outputs": [{"name": "waveform_vocals"}]}}), path)
    stereo = np.stack([lab.sine(44100), lab.noise(44100)], axis=1)[:1024]
    found = Separator(model).separate(stereo).waveforms["vocals"]
    np.testing.assert_allclose(found, stereo / 2, atol=1e-6)


@pytest.fixture
def apart(tmp_path: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch) -> Apart:
    """Makes a separator of a network that hears short segments."""
    monkeypatch.setattr(separation, "FRAME", separators.FRAME)
    monkeypatch.setattr(separation, "SEGMENT", separators.SEGMENT)

    def make(**options: Any) -> Separator:
        path = separators.separator(tmp_path, separators.segmented(**options))
        model = Model(Record.load(path.with_suffix(".json")), path, vouched=[digest([path])[1]])
        return Separator(model)

    return make


def at_once(separator: Separator, music: NDArray[np.float32]) -> Any:
    graph = separator.model.graph(*separators.OUTPUTS)
    return openvino_engine.openvino(graph, music.shape)(music)


def music_of(length: int) -> NDArray[np.float32]:
    """Noise that grows and fades."""
    noise = np.random.default_rng(length).uniform(-1, 1, (length, 2))
    return (noise * np.hanning(length + 2)[1:-1, None]).astype(np.float32)


@pytest.mark.parametrize("before", [0, separators.FRAME])
def test_a_network_in_parts_makes_what_it_makes_of_the_whole(before: int, apart: Apart) -> None:
    separator = apart(before=before)
    length = separators.SEGMENT
    for size in (1, length - separators.FRAME, length + 1, 5 * length + 321):
        music = music_of(size)
        found = separator.separate(music)
        for waveform, expected in zip(
            found.waveforms.values(), at_once(separator, music), strict=True
        ):
            np.testing.assert_allclose(waveform, expected, atol=1e-6)
    assert separator.model.segmented(separators.OUTPUTS, (2,), length, separators.FRAME)


def _counted(calls: Counter[str], name: str, run: openvino_engine.Infer, fed: Any) -> Any:
    calls[name] += 1
    return run(fed)


@pytest.mark.parametrize("piece", [100, 5000])
def test_each_segment_is_run_once_and_none_is_held_longer_than_needed(
    piece: int, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    separator, segments = apart(), 30
    network = separator.model.segmented(separators.OUTPUTS, (2,), 1024, 64)
    assert network is not None
    calls, held = Counter[str](), []
    for name in ("before", "within", "after"):
        run = getattr(network, name)
        monkeypatch.setattr(network, name, partial(_counted, calls, name, run))
    music = music_of(segments * separators.SEGMENT - separators.FRAME)
    pieces = (music[start : start + piece] for start in range(0, len(music), piece))
    given = 0

    def fed_slowly() -> Iterator[NDArray[np.float32]]:
        for fed, each in enumerate(pieces, 1):
            held.append(fed * piece - given)
            yield each

    for found in network.join(fed_slowly(), "apart"):
        given += len(found)
    assert given == len(music)
    assert calls["within"] == segments
    assert calls["after"] == HOPS * segments
    assert calls["before"] <= HOPS * (segments + 1)
    assert max(held) <= 2 * separators.SEGMENT + 2 * piece


def test_segments_that_depend_on_each_other_are_run_together(apart: Apart) -> None:
    separator = apart(mixes=True)
    music = music_of(2500)
    found = list(separator.separate(music).waveforms.values())
    np.testing.assert_allclose(found, at_once(separator, music), atol=1e-6)
    assert separator.model.segmented(separators.OUTPUTS, (2,), 1024, 64) is None
    with pytest.raises(IntegrityError, match="apart cannot separate"):
        separator.separate(music_of(20_000))


def test_blocks_that_do_not_agree_are_told_where_no_trial_found_it(
    apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "is_made", lambda key: True)
    with pytest.raises(IntegrityError, match="apart cannot separate"):
        apart(mixes=True).separate(music_of(2500))


def test_a_network_that_was_tried_out_is_not_tried_again(
    apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(notes, "_made", {})
    monkeypatch.setattr(
        segmented, "openvino", lambda *a: tried.append(a) or openvino_engine.openvino(*a)
    )
    for _ in range(2):
        separator = apart()
        for _ in range(2):
            separator.separate(music_of(100))
    assert len(tried) == 1


@pytest.mark.tensorflow
def test_spleeters_layers_make_in_parts_what_tensorflow_makes_of_the_whole(
    tmp_path: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, spleeter.__file__, str(tmp_path), "vocals", "piano", "other"]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **ENVIRONMENT})
    size = spleeter.SMALL
    monkeypatch.setattr(separation, "FRAME", size.frame)
    monkeypatch.setattr(separation, "SEGMENT", size.step * size.frames)
    path = tmp_path / "apart.pb"
    model = Model(Record.load(path.with_suffix(".json")), path)
    separator = Separator(model)
    with np.load(tmp_path / "apart.npz") as expected:
        found = separator.separate(expected["music"])
        for stem, waveform in found.waveforms.items():
            np.testing.assert_allclose(waveform, expected[stem], atol=2e-5)
    outputs = tuple(layer.name for layer in model.record.outputs)
    assert model.segmented(outputs, (2,), separation.SEGMENT, size.frame) is not None
