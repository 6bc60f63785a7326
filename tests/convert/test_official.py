"""The official converter of TensorFlow.js, against our own writer."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from catalog.errors import ChecksumError, MissingExtraError, NoError
from convert import official, tfjs
from freeze.formats import graphdef
from freeze.formats import tfjs as reader
from tests.support import lab, networks

tensorflowjs = pytest.mark.skipif(
    find_spec("tensorflowjs") is None,
    reason="tensorflowjs is not installed: pip install 'audiozoo[tfjs]'",
)


@tensorflowjs
@pytest.mark.tensorflow
@pytest.mark.shared
def test_both_converters_write_networks_that_compute_the_same(
    small_model: str, shared: Path, tmp_path: Path
) -> None:
    model = networks.small(shared / "models", small_model)
    tfjs.write(model, tmp_path / "ours")
    official.write(model, tmp_path / "theirs")
    batch = networks.batch(model)
    ours = networks.run(model, batch, tmp_path / "ours")
    assert networks.error(networks.run(model, batch, tmp_path / "theirs"), ours) <= 1e-6
    found = [json.loads((tmp_path / who / "model.json").read_text()) for who in ("ours", "theirs")]
    assert found[0]["signature"] == found[1]["signature"]
    assert found[0]["userDefinedMetadata"] == found[1]["userDefinedMetadata"]
    assert found[0]["convertedBy"] != found[1]["convertedBy"]


@tensorflowjs
@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", ["float16", "uint16", "uint8"])
def test_both_quantize_weights_to_the_same_values(kind: str, tmp_path: Path) -> None:
    graph = graphdef.read(lab.Network(tmp_path).path)
    model = networks.described(graph, ("sigmoids", "embeddings"))
    tfjs.write(model, tmp_path / "ours", kind)
    official.write(model, tmp_path / "theirs", kind)
    found = {}
    for who in ("ours", "theirs"):
        nodes = graphdef.by_name(reader.load(tmp_path / who).graph)
        found[who] = [nodes[name].attr["value"].tensor for name in ("first", "second")]
    assert found["ours"] == found["theirs"]


@tensorflowjs
@pytest.mark.tensorflow
def test_what_it_cannot_convert_is_told_and_a_changed_weight_noticed(tmp_path: Path) -> None:
    graph = graphdef.read(lab.Network(tmp_path).path)
    model = networks.described(graph, ("sigmoids",))
    official.write(model, tmp_path / "good")
    shard = tmp_path / "good" / "group1-shard1of1.bin"
    shard.write_bytes(shard.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ChecksumError):
        reader.read(tmp_path / "good")
    graphdef.by_name(graph)["sigmoids"].op = "Lgamma"
    with pytest.raises(NoError, match="cannot convert") as refused:
        official.write(model, tmp_path / "bad")
    assert "Lgamma" in refused.value.why


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "find_spec", lambda name: None)
    model = networks.described(graphdef.read(lab.Network(tmp_path).path), ("sigmoids",))
    with pytest.raises(MissingExtraError, match="official converter") as missing:
        official.write(model, tmp_path / "model")
    assert "audiozoo[tfjs]" in missing.value.hint
    assert not (tmp_path / "model").exists()
