"""Corrections of metadata files, and what they leave alone."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from freeze.formats import graphdef
from tests.support import graphs
from validate import run, target
from validate.fix import fix


@pytest.fixture(autouse=True)
def _do_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "check", lambda _: [])


def _fix(network: Any) -> str:
    (found,) = target.of_path(network.json)
    described = target.described_graph(found)
    assert described
    return fix(network.json, described)


def _write(network: Any) -> None:
    """Write the record, with the network's digest in it, and its number of parameters."""
    data = network.path.read_bytes()
    file = {"kind": "pb", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    network.record["zoo"] |= {"files": [file], "parameters": 294}
    network.json.write_text(json.dumps(network.record, indent=4))


def _wrong(network: Any) -> str:
    """The record's text with a wrong width, type and name."""
    layers = network.record["schema"]["outputs"]
    layers[2]["shape"] = ["batch_size", 1200]
    layers[1]["type"] = "int64"
    network.record["schema"]["inputs"][0]["name"] = "melspectrogram"
    network.record["description"] = "Grüße, 3 Größen"
    _write(network)
    return str(network.json.read_text())


def test_what_the_graph_knows_is_written_and_nothing_else(tagger: Any) -> None:
    before, network = _wrong(tagger), tagger.path.read_bytes()
    difference = _fix(tagger)
    expected = before.replace('"melspectrogram"', '"input"').replace("1200", "3")
    assert tagger.json.read_text() == expected.replace('"int64"', '"float"')
    changed = re.findall(r"^[-+] +(.*)$", difference, re.MULTILINE)
    assert changed == [
        *('"name": "melspectrogram",', '"name": "input",'),
        *('"type": "int64",', '"type": "float",'),
        *("1200", "3"),
    ]
    assert tagger.path.read_bytes() == network


def test_a_corrected_file_passes_and_has_nothing_to_correct(tagger: Any) -> None:
    _wrong(tagger)
    assert not target.judge(target.of_path(tagger.json)[0]).ok
    _fix(tagger)
    assert target.judge(target.of_path(tagger.json)[0]).ok
    assert _fix(tagger) == ""


@pytest.mark.parametrize(
    "layout",
    [
        lambda record: json.dumps(record),
        lambda record: json.dumps(record, separators=(",", ":")),
        lambda record: json.dumps(record, indent="\t", ensure_ascii=False) + "\n\n",
        lambda record: json.dumps(record, indent=2).replace("\n", "\r\n"),
        lambda record: "\ufeff" + json.dumps(record, indent=1),
        lambda record: re.sub(r"\s+(?=[\d\]])", "", json.dumps(record, indent=4)),
    ],
    ids=["one line", "compact", "tabs", "carriage returns", "byte order mark", "lists in a line"],
)
def test_the_layout_of_the_file_stays_as_it_is(layout: Any, tagger: Any) -> None:
    _wrong(tagger)
    before = layout(tagger.record).encode()
    tagger.json.write_bytes(before)
    assert _fix(tagger)
    after = before.replace(b"melspectrogram", b"input").replace(b"1200", b"3")
    assert tagger.json.read_bytes() == after.replace(b"int64", b"float")


def test_the_encoding_of_the_file_stays_as_it_is(tagger: Any) -> None:
    before = _wrong(tagger)
    tagger.json.write_bytes(before.encode("utf-16"))
    assert _fix(tagger)
    after = before.replace("melspectrogram", "input").replace("1200", "3")
    assert tagger.json.read_bytes() == after.replace("int64", "float").encode("utf-16")


def test_a_wrong_number_of_axes_is_replaced_as_a_whole(tagger: Any) -> None:
    tagger.record["schema"]["outputs"][2]["shape"] = [1, 1, 3]
    _write(tagger)
    assert _fix(tagger)
    assert json.loads(tagger.json.read_text())["schema"]["outputs"][2]["shape"] == [3]


def test_a_batch_of_one_and_sizes_without_a_number_stay(tagger: Any) -> None:
    layers = tagger.record["schema"]["outputs"]
    layers[0]["shape"], layers[1]["shape"] = [1, 2], ["batch_size", 2]
    tagger.record["schema"]["inputs"][0]["shape"] = [1, 187, 96]
    graph = graphdef.read(tagger.path)
    graphdef.by_name(graph)["input"].attr["shape"].shape.dim[0].size = 64
    tagger.path.write_bytes(graphdef.serialize(graph))
    _write(tagger)
    assert _fix(tagger) == ""


def test_an_unknown_input_is_the_one_that_is_no_training_flag(tagger: Any) -> None:
    graph = graphdef.read(tagger.path)
    graph.node.add(name="training", op="Placeholder").attr["dtype"].type = 10
    nodes = graphdef.by_name(graph)
    nodes["sigmoids"].op = "Select"
    nodes["sigmoids"].input[:] = ["training", "logits", "logits"]
    tagger.path.write_bytes(graphdef.serialize(graph))
    tagger.record["schema"]["inputs"][0]["name"] = "melspectrogram"
    _write(tagger)
    assert _fix(tagger)
    assert json.loads(tagger.json.read_text())["schema"]["inputs"][0]["name"] == "input"


def test_a_name_that_could_mean_several_nodes_stays(tagger: Any) -> None:
    tagger.record["schema"]["outputs"][2]["name"] = "no/such/node"
    _write(tagger)
    assert _fix(tagger) == ""


def test_a_file_that_cannot_be_replaced_stays_whole(
    tagger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _wrong(tagger)

    def full(self: Path, other: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Exception, match="full"):
        _fix(tagger)
    assert tagger.json.read_text() == before
    assert sorted(path.name for path in tagger.json.parent.iterdir()) == ["tiny.json", "tiny.pb"]


def test_size_and_digest_are_those_of_the_network(tagger: Any) -> None:
    _write(tagger)
    before = tagger.json.read_text()
    old = tagger.record["zoo"]["files"][0]["sha256"]
    tagger.path.write_bytes(
        tagger.path.read_bytes() + graphs.graph("more = NoOp").SerializeToString()
    )
    assert not target.judge(target.of_path(tagger.json)[0]).ok
    assert _fix(tagger)
    data = tagger.path.read_bytes()
    new, size = hashlib.sha256(data).hexdigest(), tagger.record["zoo"]["files"][0]["size"]
    assert tagger.json.read_text() == before.replace(old, new).replace(str(size), str(len(data)))
    assert target.judge(target.of_path(tagger.json)[0]).ok


def test_of_several_good_digests_the_networks_own_comes_first(tagger: Any) -> None:
    _write(tagger)
    own = tagger.record["zoo"]["files"][0]["sha256"]
    for digests, kept in ((["0" * 64], [own, "0" * 64]), (["0" * 64, own], ["0" * 64, own])):
        tagger.record["zoo"]["files"][0]["sha256"] = digests
        tagger.json.write_text(json.dumps(tagger.record))
        _fix(tagger)
        assert json.loads(tagger.json.read_text())["zoo"]["files"][0]["sha256"] == kept


def test_what_only_the_graph_tells_is_filled_in(tagger: Any) -> None:
    _write(tagger)
    expected = tagger.record
    outputs = expected["schema"]["outputs"]
    before = json.loads(json.dumps(expected))
    for layer in before["schema"]["outputs"]:
        del layer["shape"], layer["type"], layer["op"]
    del before["zoo"]["files"], before["zoo"]["parameters"]
    tagger.json.write_text(json.dumps(before, indent=2))
    _fix(tagger)
    for layer in outputs:
        layer["shape"] = ["batch_size", *layer["shape"]]
        layer["op"] = layer["op"].replace("fully connected", "MatMul")
    assert json.loads(tagger.json.read_text()) == expected
    assert _fix(tagger) == ""


def test_a_record_without_layers_gets_those_that_the_graph_shows(tagger: Any) -> None:
    del tagger.record["schema"]
    _write(tagger)
    assert _fix(tagger)
    schema = json.loads(tagger.json.read_text())["schema"]
    assert [each["name"] for each in schema["outputs"]] == ["sigmoids", "logits"]
    assert target.judge(target.of_path(tagger.json)[0]).ok


def test_essentias_own_metadata_get_no_key_that_essentia_does_not_know(tagger: Any) -> None:
    del tagger.record["zoo"]
    tagger.json.write_text(json.dumps(tagger.record))
    assert _fix(tagger) == ""


def test_a_network_that_a_recipe_makes_is_not_the_published_file(tagger: Any) -> None:
    _write(tagger)
    (file,) = tagger.record["zoo"]["files"]
    recipe = dict.fromkeys(("distribution", "version", "checkpoint", "license"), "x")
    recipe |= {"wheel_sha256": "0" * 64, "outputs": ["sigmoids"], "training_flags": []}
    tagger.record["zoo"]["recipe"] = {**recipe, "sha256": file["sha256"], "size": file["size"]}
    file["sha256"] = "0" * 64
    tagger.json.write_text(json.dumps(tagger.record))
    assert _fix(tagger) == ""
