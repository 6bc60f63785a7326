"""Heads over extractors with the signatures of the catalog's records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import UsageError
from catalog.index import catalog
from catalog.record import Record
from predictors.features.families import choose
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import lab


def maest(folder: Path) -> Predictor:
    """A MAEST whose tokens, in each layer, are its scaled frames."""
    document, path = lab.passthrough(folder, (-1, 316, 96), algorithm="TensorflowPredictMAEST")
    return Predictor(Model(Record(document | {"zoo": {"id": "discogs-maest-5s-pw-2"}}), path))


def over(path: Path, extractor: Predictor, classes: int = 0, layer: str = "input") -> Predictor:
    """A head that reads a layer of the extractor."""
    document: dict[str, Any] = {
        "classes": [f"c{i}" for i in range(classes)],
        "schema": {"outputs": [{"name": "output", "output_purpose": "predictions"}]},
        "zoo": {"id": "head", "kind": "head", "extractor": {"id": "below", "layer": layer}},
    }
    return Predictor(Model(Record(document), path, extractor.model))


def test_a_head_reads_all_tokens_of_a_patch_at_once(tmp_path: Path) -> None:
    extractor = maest(tmp_path)
    head = over(lab.reducer(tmp_path, (-1, 316, 96), 1, "head"), extractor, classes=96)
    samples = lab.impulses(16000)
    tokens = extractor.predict(samples, layer="input").activations.reshape(-1, 316, 96)
    found = head.predict(samples)
    np.testing.assert_allclose(found.activations, tokens.mean(axis=1), atol=1e-4)
    assert found.times.tolist() == [0, 313 / 62.5]
    assert found.classes[:2] == ("c0", "c1")


def test_a_head_of_single_embeddings_reads_tokens_one_after_the_other(tmp_path: Path) -> None:
    extractor = maest(tmp_path)
    path = lab.reducer(tmp_path, (-1, 2, 96), 1, "pairs")
    with pytest.raises(UsageError, match="does not fit the embeddings of discogs-maest-5s-pw-2"):
        over(path, extractor).predict(lab.impulses(16000))
    rows = over(lab.passthrough(tmp_path / ".", (-1, 96))[1], extractor, layer="input")
    found = rows.predict(lab.impulses(16000), layer="input")
    assert found.activations.shape == (2 * 316, 96)
    assert found.times.tolist() == [0] * 316 + [313 / 62.5] * 316


def test_an_output_without_a_width_is_one_value_a_patch(tmp_path: Path) -> None:
    document, path = lab.passthrough(tmp_path, (-1, 187, 96), sample_rate=16000)
    extractor = Predictor(Model(Record(document), path))
    frames = lab.reducer(tmp_path, (-1, 187, 96), 2, "loudness")
    loud = over(frames, extractor).predict(lab.impulses(16000))
    assert loud.activations.shape == (8, 187)
    document["zoo"]["id"] = "narrow"
    flat = over(lab.reducer(tmp_path, (-1, 96), 1, "flat"), extractor).predict(lab.sine(16000))
    assert flat.activations.shape[1] == 1


@pytest.mark.parametrize(
    "id", ["genre_discogs400-discogs-maest-5s-pw-1", "genre_discogs519-discogs-maest-30s-pw-519l-1"]
)
def test_a_genre_head_of_maest_reads_the_last_layer(id: str) -> None:
    head = catalog().find(id)
    assert head.extractor and head.extractor.layer == "PartitionedCall/Identity_12"
    below = catalog().find(head.extractor.id)
    assert below.layer("embeddings").name == "PartitionedCall/Identity_7"
    frames = below.patch.frames if below.patch else 0
    assert choose(below, (frames, 96)).scaling


@pytest.mark.parametrize(
    "id",
    [record.id for record in catalog().models if record.task == "regression" and record.classes],
)
def test_scales_have_names(id: str) -> None:
    record = catalog().find(id)
    assert all(name and name != "0" for name in record.classes)
    assert record.layer("predictions").name
