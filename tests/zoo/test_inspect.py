"""The command inspect: documents, words, exit codes, and how little it imports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.manifest import Manifest, ManifestFile
from catalog.store import Store
from freeze.formats import tensors
from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef

Zoo = Callable[..., Any]


@pytest.fixture
def head(tmp_path: Path) -> Path:
    """A file with a dense layer and a sigmoid, and a placeholder that nothing needs."""
    import numpy as np

    graph = GraphDef()
    for name, kind, sizes in (("x", 1, (-1, 200)), ("unused", 10, None)):
        node = graph.node.add(name=name, op="Placeholder")
        node.attr["dtype"].type = kind
        node.attr["shape"].shape.unknown_rank = sizes is None
        for size in sizes or ():
            node.attr["shape"].shape.dim.add(size=size)
    for name, shape in (("w", (200, 5)), ("b", (5,))):
        graph.node.append(tensors.constant(name, np.zeros(shape, np.float32)))
    graph.node.add(name="dense/MatMul", op="MatMul", input=["x", "w"])
    graph.node.add(name="dense/BiasAdd", op="BiasAdd", input=["dense/MatMul", "b"])
    graph.node.add(name="tags", op="Sigmoid", input=["dense/BiasAdd"])
    path = tmp_path / "head.pb"
    path.write_bytes(serialize(graph))
    return path


def test_the_document_holds_what_programs_rely_on(zoo: Zoo, head: Path) -> None:
    answer = zoo("inspect", head, "--json")
    assert answer.code == 0
    document = answer.document
    assert len(document.pop("sha256")) == 64
    assert document == {
        "kind": "frozen-graph",
        "size": head.stat().st_size,
        "inputs": [
            {"name": "x", "dtype": "float32", "shape": [-1, 200], "role": "input"},
            {"name": "unused", "dtype": "bool", "shape": None, "role": "dangling"},
        ],
        "outputs": [
            {"name": "tags", "op": "Sigmoid", "shape": [-1, 5]},
            {"name": "dense/BiasAdd", "op": "BiasAdd", "shape": [-1, 5]},
        ],
        "parameters": 1005,
        "ops": {"Placeholder": 2, "Const": 2, "MatMul": 1, "BiasAdd": 1, "Sigmoid": 1},
        "layers": [
            {"name": "dense/MatMul", "op": "MatMul", "shape": [-1, 5], "parameters": 1000},
            {"name": "dense/BiasAdd", "op": "BiasAdd", "shape": [-1, 5], "parameters": 5},
            {"name": "tags", "op": "Sigmoid", "shape": [-1, 5], "parameters": 0},
        ],
    }


def test_people_read_the_same_in_words(zoo: Zoo, head: Path) -> None:
    answer = zoo("inspect", head)
    assert "frozen graph, 4." in answer.out
    assert "1 005 parameters" in answer.out
    assert "  x       float32  [?, 200]\n" in answer.out
    assert "  unused  bool     ?         dangling: no output needs it\n" in answer.out
    assert "  tags           Sigmoid  [?, 5]  predictions\n" in answer.out
    assert f"3 layers: zoo inspect {head} --layers" in answer.err
    layers = zoo("inspect", head, "--layers").out.splitlines()
    assert layers == [
        "dense/MatMul   MatMul   [?, 5]  1 000",
        "dense/BiasAdd  BiasAdd  [?, 5]      5",
        "tags           Sigmoid  [?, 5]",
    ]


def test_a_node_is_shown_with_its_neighbours(zoo: Zoo, head: Path) -> None:
    assert zoo("inspect", head, "--node", "dense/BiasAdd", "--json").document == {
        "name": "dense/BiasAdd",
        "op": "BiasAdd",
        "attributes": {},
        "shapes": [[-1, 5]],
        "inputs": ["dense/MatMul", "b"],
        "consumers": ["tags"],
    }
    shown = zoo("inspect", head, "--node", "dense/BiasAdd").out
    assert "shape  [?, 5]" in shown
    assert "Is read by\n  tags" in shown
    wrong = zoo("inspect", head, "--node", "dense/BiassAdd")
    assert wrong.code == 3
    assert "Near it: dense/BiasAdd" in wrong.err
    assert f"zoo inspect {head} --layers" in wrong.err


def test_the_schema_can_be_pasted_into_metadata(zoo: Zoo, head: Path) -> None:
    answer = zoo("inspect", head, "--schema")
    assert [output["name"] for output in answer.document["outputs"]] == ["tags", "dense/BiasAdd"]
    assert answer.document["inputs"][0]["shape"] == ["batch_size", 200]
    assert "check the purposes" in answer.err


def test_an_installed_model_goes_by_its_name(zoo: Zoo, head: Path) -> None:
    missing = zoo("inspect", "msd-musicnn-1")
    assert missing.code == 3
    assert "zoo pull msd-musicnn-1" in missing.err
    content = head.read_bytes()
    file = ManifestFile(
        "msd-musicnn-1.pb", None, len(content), "0" * 64, "catalog", "2026-01-01T00:00:00"
    )
    manifest = Manifest("msd-musicnn-1", "official", "ISC", (file,))
    Store.default().place(manifest, {file.path: content})
    assert zoo("inspect", "MSD_musicnn_frozen_small", "--json").document["parameters"] == 1005


@pytest.mark.parametrize(
    ("what", "content", "code"),
    [
        ("nothing.pb", None, 3),
        ("no/such/file", None, 3),
        ("page.pb", b"<!doctype html><p>404", 5),
        ("pointer.pb", b"version https://git-lfs.github.com/spec/v1\n", 5),
        ("empty.pb", b"", 5),
        ("noise.pb", b"\x0a\xff\xff\xff\xff\xff", 5),
        ("model.json", b'{"format": "graph-model"}', 5),
        ("archive.zip", b"PK\x03\x04broken", 5),
        ("claims.pb", b"\x0a\xff\xff\xff\xff\x07", 5),
    ],
)
def test_what_cannot_be_read_is_told_with_its_code(
    zoo: Zoo, tmp_path: Path, what: str, content: bytes | None, code: int
) -> None:
    if content is not None:
        (tmp_path / what).write_bytes(content)
    answer = zoo("inspect", tmp_path / what, "--json")
    assert answer.code == code
    assert answer.document["error"]["code"] == code
    assert answer.document["error"]["message"]


def test_a_picture_needs_an_ending_and_a_place(zoo: Zoo, head: Path, tmp_path: Path) -> None:
    assert zoo("inspect", head, "--plot", tmp_path / "net.gif").code == 2
    assert zoo("inspect", head, "--plot", head / "net.svg").code == 7
    drawn = zoo("inspect", head, "--plot", tmp_path / "net.svg")
    assert (drawn.code, drawn.out) == (0, "")
    svg = (tmp_path / "net.svg").read_text()
    assert svg.startswith("<?xml")
    assert {name.name for name in tmp_path.iterdir() if name.suffix == ".svg"} == {"net.svg"}


def test_a_frozen_graph_is_looked_into_without_heavy_imports(head: Path, store_home: Path) -> None:
    program = (
        "import sys; from zoo import cli; sys.argv = ['zoo', 'inspect', sys.argv[1], '--json']\n"
        "code = cli.run()\n"
        "heavy = {'numpy', 'tensorflow', 'openvino', 'requests', 'jsonschema', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, str(head)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(ran.stdout)["kind"] == "frozen-graph"
    assert ran.stderr.strip() == "[]"
