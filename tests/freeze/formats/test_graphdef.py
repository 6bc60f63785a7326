"""Reading graphs, telling them from other files, walking them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from catalog.errors import IntegrityError, NotFoundError, WrongKindError, ZooError
from freeze.formats import graphdef
from freeze.formats.graphdef import Source, source
from freeze.formats.kinds import KINDS
from freeze.formats.messages import GraphDef, NodeDef, SavedModel
from tests.support import graphs

OTHERS = {
    "empty": b"",
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "html": b"\n  <!DOCTYPE html><html></html>",
    "tfjs": b'{"format": "graph-model", "modelTopology": {}}',
    "json": b'{"name": "x"}',
    "zip": b"PK\x03\x04\x14\x00",
    "hdf5": b"\x89HDF\r\n\x1a\n",
    "tflite": b"\x1c\x00\x00\x00TFL3",
    "onnx": b"\x08\x07\x12\x07pytorch:",
    "unknown": b"RIFF",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_kind_of_file_is_told_by_its_content(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pb"
    path.write_bytes(OTHERS[kind])
    with pytest.raises(WrongKindError, match=r"model\.pb is not a frozen graph") as caught:
        graphdef.read(path)
    assert caught.value.why == f"It is {KINDS[kind]}."


def test_a_savedmodel_is_not_a_frozen_graph() -> None:
    saved = SavedModel(saved_model_schema_version=1)
    saved.meta_graphs.add().graph_def.node.add(name="a", op="NoOp")
    with pytest.raises(WrongKindError, match="SavedModel"):
        graphdef.parse(saved.SerializeToString(), "saved_model.pb")


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        graphdef.read(tmp_path / "none.pb")


def test_two_nodes_of_one_name_are_refused() -> None:
    with pytest.raises(IntegrityError, match="2 nodes are named a"):
        graphdef.parse(graphdef.serialize(graphs.graph("a = NoOp\na = NoOp")), "x.pb")


def test_a_graph_without_nodes_or_with_a_nameless_one_is_refused() -> None:
    for graph in (GraphDef(versions={"producer": 1}), GraphDef(node=[NodeDef(op="NoOp")])):
        with pytest.raises(IntegrityError):
            graphdef.parse(graphdef.serialize(graph), "x.pb")


def test_a_message_nested_ten_thousand_deep_is_refused() -> None:
    data = b""
    for _ in range(10_000):  # AttrValue.list.func.attr is an AttrValue again
        data = _field(2, _field(1, b"k") + _field(2, data))
        data = _field(1, _field(9, data))
    node = _field(1, b"a") + _field(2, b"NoOp") + _field(5, _field(1, b"k") + _field(2, data))
    with pytest.raises(IntegrityError, match="damaged"):
        graphdef.parse(_field(1, node), "deep.pb")


def _field(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def test_a_graph_cut_anywhere_or_with_a_flipped_bit_is_read_or_refused() -> None:
    data = graphdef.serialize(graphs.graph("x = Placeholder\nc = Const 3\ny = Mul x c"))
    cut = [data[:length] for length in range(len(data))]
    flipped = [
        data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        for at in range(len(data))
        for bit in range(8)
    ]
    assert len(graphdef.parse(data, "x.pb").node) == 3
    refused = 0
    for case in cut + flipped + [random.Random(i).randbytes(99) for i in range(500)]:
        try:
            graphdef.parse(case, "x.pb")
        except ZooError as error:
            assert error.exit_code == 5
            refused += 1
    assert refused > len(data)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("a", Source("a", 0)),
        ("a/b:0", Source("a/b", 0)),
        ("a:12", Source("a", 12)),
        ("^a", Source("a", -1)),
        ("a:b", Source("a:b", 0)),
        ("a:" + "9" * 5000, Source("a:" + "9" * 5000, 0)),
        (":1", Source(":1", 0)),
    ],
)
def test_a_reference_is_taken_apart(reference: str, expected: Source) -> None:
    assert source(reference) == expected


def test_a_reference_is_put_together_again() -> None:
    assert [str(source(name)) for name in ("a", "a:0", "a:2", "^a")] == ["a", "a", "a:2", "^a"]


@pytest.mark.shared
def test_real_graphs_keep_their_content_when_written_again(shared: Path) -> None:
    paths = sorted((shared / "models").glob("*.pb"))
    assert len(paths) >= 7
    for path in paths:
        graph = graphdef.read(path)
        data = graphdef.serialize(graph)
        assert graphdef.parse(data, path.name) == graph
        assert len(data) == path.stat().st_size


def test_a_name_with_terminal_control_characters_is_refused() -> None:
    graph = GraphDef()
    graph.node.add(name="größe/Relu", op="Const")
    assert graphdef.parse(graph.SerializeToString(), "good.pb") == graph
    graph.node.add(name="\x1b[2Jclean", op="Const")
    with pytest.raises(IntegrityError, match="terminal control characters"):
        graphdef.parse(graph.SerializeToString(), "hostile.pb")
