"""Overlapping patches of files, blocks and ensembles, of a network that shares their frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import UsageError
from catalog.record import Record
from freeze.network_file import runnable
from predictors import model
from predictors.audio import decoding
from predictors.ensemble import Ensemble
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes.overlapping import Overlap, OverlappingNetwork
from tests.support import convolutional, lab


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "PATIENCE", 1)


def tagger(folder: Path) -> Predictor:
    file = runnable(convolutional.musicnn(folder))
    record = Record.load(file.path.with_suffix(".json"))
    return Predictor(Model(record, file, vouched=[file.sha256]))


def whole(predictor: Predictor) -> Predictor:
    """The same model, which computes each patch for itself."""
    other = Model(predictor.record, predictor.model.file, vouched=predictor.model.vouched)
    other.overlapping = lambda *_, **__: None  # type: ignore[method-assign]
    return Predictor(other)


def shares(predictor: Predictor) -> set[bool]:
    return {bool(found) for found in predictor.model._overlapping.values()}


def noise(seconds: float) -> Any:
    samples = np.random.default_rng(2).normal(0, 0.1, int(seconds * 16000))
    return (samples * np.abs(np.sin(np.arange(len(samples)) / 9000))).astype(np.float32)


@pytest.mark.parametrize("last_patch", ["discard", "repeat", "pad"])
@pytest.mark.parametrize("hop", [None, 31])
def test_a_file_is_told_the_same(tmp_path: Path, hop: int | None, last_patch: Any) -> None:
    predictor, samples = tagger(tmp_path), noise(11)
    options: Any = {"patch_hop": hop, "last_patch": last_patch}
    found = predictor.predict(samples, 16000, **options)
    expected = whole(predictor).predict(samples, 16000, **options)
    assert shares(predictor) == {True}
    np.testing.assert_allclose(found.activations, expected.activations, rtol=0, atol=2e-6)
    np.testing.assert_array_equal(found.times, expected.times)
    assert expected.activations.std(axis=0).min() > 1e-3

    stream = predictor.stream(16000, **options)
    blocks = [samples[i : i + 7001] for i in range(0, len(samples), 7001)]
    heard = [each for block in blocks for each in stream.feed(block)] + stream.finish()
    streamed = np.concatenate([each.activations for each in heard])
    np.testing.assert_allclose(streamed, expected.activations, rtol=0, atol=2e-6)


def test_patches_wait_for_a_whole_batch_however_short_the_pieces_of_a_file_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    run = Overlap._run

    def counted(self: Overlap, patches: Any) -> Any:
        counts.append(len(patches))
        return run(self, patches)

    monkeypatch.setattr(Overlap, "_run", counted)
    monkeypatch.setattr(decoding, "PIECE", 4 * 16000)
    predictor = tagger(tmp_path)
    predictor.predict(noise(24), 16000)
    (network,) = predictor.model._overlapping.values()
    assert network
    assert network.batch > 1
    assert len(counts) > 3
    assert set(counts[1:-1]) == {network.batch}


def test_layers_behind_the_cut_are_told_together_and_one_before_it_by_each_patch(
    tmp_path: Path,
) -> None:
    predictor, samples = tagger(tmp_path), noise(8)
    expected = whole(predictor)
    for layer, is_shared in (("logits", True), ("local", False)):
        predictor.model._overlapping.clear()
        found = predictor.predict(samples, 16000, layer=layer).activations
        np.testing.assert_allclose(
            found, expected.predict(samples, 16000, layer=layer).activations, rtol=0, atol=1e-5
        )
        assert shares(predictor) == {is_shared}


def test_an_ensemble_shares_what_each_of_its_networks_can(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    one, other = tagger(tmp_path / "a"), lab.Network(tmp_path)
    file = runnable(other.path)
    plain = Predictor(Model(Record(other.record), file, vouched=[file.sha256]))
    found = Ensemble([one.model, plain.model]).predict(noise(9), 16000)
    for each in (whole(one), plain):
        expected = each.predict(noise(9), 16000).activations
        np.testing.assert_allclose(found[each.record.id].activations, expected, rtol=0, atol=2e-6)
    assert (shares(one), shares(plain)) == ({True}, {False})


def test_a_network_is_compiled_once_for_each_hop(tmp_path: Path) -> None:
    predictor = tagger(tmp_path)
    made: list[Any] = []
    for _ in range(2):
        for hop in (93, 62):
            predictor.predict(noise(5), 16000, patch_hop=hop)
            made.append(predictor.model._overlapping.copy())
    assert made[1] == made[3] and len(made[3]) == 2
    assert all(isinstance(each, OverlappingNetwork) for each in made[3].values())


def test_parts_are_compiled_when_they_have_paid_and_not_for_single_patches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "PATIENCE", 6)
    predictor, shared = tagger(tmp_path), []
    for seconds in (4, 8, 4, 8, 4):  # one patch, or four
        predictor.predict(noise(seconds), 16000)
        shared.append(shares(predictor))
    assert shared == [set(), set(), set(), {True}, {True}]


@pytest.mark.parametrize("hop", [0, -1, 188])
def test_a_hop_without_meaning_is_refused_as_ever(tmp_path: Path, hop: int) -> None:
    with pytest.raises(UsageError, match=f"A patch hop of {hop} frames"):
        tagger(tmp_path).predict(noise(5), 16000, patch_hop=hop)
