from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import AudioError, UsageError
from catalog.record import Record
from predictors import ensemble
from predictors.audio import decoding
from predictors.ensemble import Ensemble
from predictors.features import patching
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes.network import CompiledNetwork
from tests.support import lab


@pytest.fixture
def models(tmp_path: Path) -> list[Predictor]:
    """A backbone and three heads, each of which has an extractor of its own."""
    network = lab.Network(tmp_path, "backbone")

    def backbone() -> Predictor:
        return Predictor(Model(Record(network.record), network.path))

    heads = [lab.Head(tmp_path, "backbone", f"head-{i}") for i in range(3)]
    return [
        backbone(),
        *(Predictor(Model(Record(h.record), h.path, backbone().model)) for h in heads),
    ]


def together(models: list[Predictor]) -> Ensemble:
    return Ensemble(each.model for each in models)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path: Path = lab.audio(tmp_path / "song.wav", lab.chirp(44100).repeat(8), 44100)
    return path


@pytest.mark.slow
def test_together_they_say_what_each_says_alone(models: list[Predictor], song: Path) -> None:
    shared = together(models).predict(song)
    assert list(shared) == ["backbone", "head-0", "head-1", "head-2"]
    for model in models:
        alone = model.predict(song)
        found = shared[model.record.id]
        np.testing.assert_allclose(found.activations, alone.activations, atol=1e-6)
        np.testing.assert_array_equal(found.times, alone.times)
        assert (found.classes, found.model, found.layer) == (
            alone.classes, alone.model, alone.layer,
        )  # fmt: skip


def test_what_they_share_is_computed_once(
    models: list[Predictor], song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count: Counter[str] = Counter()

    def counted(name: str, function: Any) -> Any:
        def count_and_call(*arguments: Any, **options: Any) -> Any:
            count[name] += 1
            return function(*arguments, **options)

        return count_and_call

    patches: Counter[str] = Counter()
    call = CompiledNetwork.__call__

    def run(self: CompiledNetwork, tensor: Any) -> Any:
        patches["x".join(map(str, tensor.shape[1:]))] += len(tensor)
        return call(self, tensor)

    monkeypatch.setattr(CompiledNetwork, "__call__", run)
    for module, name in (
        (decoding, "read_channels"),
        (ensemble, "resampling"),
        (ensemble, "Patching"),
    ):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    answers = together(models).predict(song)
    assert count == {"read_channels": 1, "resampling": 1, "Patching": 1}
    rows = len(answers["backbone"].times)
    assert rows > 10
    assert patches == {"187x96": rows, "1x3": 3 * rows}


def test_memory_does_not_grow_with_the_length(
    models: list[Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = 0
    feed = patching.Patching.feed

    def watched(self: patching.Patching, samples: Any) -> Any:
        nonlocal largest
        found = feed(self, samples)
        largest = max(largest, len(found))
        return found

    monkeypatch.setattr(patching.Patching, "feed", watched)
    piece = decoding.PIECE / 16000 * 62.5 / 93
    twelve_minutes = np.tile(lab.chirp(16000), 60 * 60 // 16)
    count = len(together(models).predict(twelve_minutes, 16000)["head-0"].times)
    assert count > 400
    assert largest <= piece + 1


def test_one_model_that_can_say_nothing_does_not_stop_the_others(tmp_path: Path) -> None:
    long = lab.Network(tmp_path, "long")
    short = lab.Network(tmp_path, "short", shape=(-1, 96, 64))
    short.record["inference"]["algorithm"] = "TensorflowPredictVGGish"
    both = Ensemble(Model(Record(each.record), each.path) for each in (long, short))
    heard = both.hear(lab.sine(16000)[:32000], 16000)
    assert isinstance(heard.answers["long"], AudioError)
    assert len(heard.answers["short"].times) > 0  # type: ignore[union-attr]
    with pytest.raises(AudioError, match="too short"):
        both.predict(lab.sine(16000)[:32000], 16000)


def test_an_array_needs_a_sample_rate_where_models_differ(tmp_path: Path) -> None:
    one = lab.Network(tmp_path, "one")
    other = lab.Network(tmp_path, "other", shape=(-1, 40, 256, 1))
    other.record["inference"] = {"sample_rate": 11025, "algorithm": "TempoCNN"}
    both = Ensemble(Model(Record(each.record), each.path) for each in (one, other))
    with pytest.raises(UsageError, match="sample rate"):
        both.predict(lab.sine(16000))


def test_a_layer_that_a_model_lacks_is_told(models: list[Predictor], song: Path) -> None:
    with pytest.raises(UsageError, match="has no logits layer"):
        together(models).predict(song, layer="logits")


def test_what_is_wrong_with_the_audio_is_told_by_the_thread_that_reads_it(
    models: list[Predictor], tmp_path: Path
) -> None:
    (tmp_path / "page.mp3").write_text("<!DOCTYPE html>")
    with pytest.raises(AudioError, match="cannot be decoded"):
        together(models).predict(tmp_path / "page.mp3")


@pytest.mark.parametrize(("loud", "silent"), [(0, False), (1, False), (2, False), (None, True)])
def test_audio_is_silent_only_if_every_piece_is(
    loud: int | None, silent: bool, models: list[Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "PIECE", 3 * 16000)
    samples = np.zeros(3 * 3 * 16000, np.float32)
    if loud is not None:
        samples[loud * 3 * 16000 + 5] = 0.5
    assert together(models).hear(samples, 16000).silent is silent


@pytest.mark.slow
def test_models_of_different_sample_rates_hear_one_file(
    tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = lab.Network(tmp_path, "one")
    other = lab.Network(tmp_path, "other", shape=(-1, 40, 256, 1))
    third = lab.Network(tmp_path, "third")
    other.record["inference"] = {"sample_rate": 11025, "algorithm": "TempoCNN"}
    each = [Model(Record(network.record), network.path) for network in (one, other, third)]
    decoded, rates = [], []
    read, resample = decoding.read_channels, ensemble.resampling
    monkeypatch.setattr(decoding, "read_channels", lambda path: decoded.append(path) or read(path))
    monkeypatch.setattr(
        ensemble,
        "resampling",
        lambda origin, rate, *how: rates.append(rate) or resample(origin, rate, *how),
    )
    found = Ensemble(each).predict(song)
    assert (len(decoded), sorted(rates)) == (1, [11025, 16000])
    samples = decoding.read(song).samples
    of_array = Ensemble(each).predict(samples, 44100)
    for model in each:
        alone = Predictor(model).predict(song).activations
        np.testing.assert_array_equal(found[model.record.id].activations, alone)
        np.testing.assert_allclose(of_array[model.record.id].activations, alone, atol=1e-6)
