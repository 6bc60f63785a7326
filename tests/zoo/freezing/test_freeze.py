"""zoo freeze without TensorFlow: checkpoints, words, documents, exit codes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats import graphdef
from freeze.formats.checkpoint import Checkpoint
from freeze.formats.messages import SavedModel
from tests.support import graphs
from tests.support.checkpoints import BIAS, GRAPH, KERNEL, X, expected, run
from tests.support.opens import opened

pytestmark = pytest.mark.usefixtures("no_tensorflow")

Zoo = Callable[..., Any]


def test_a_checkpoint_becomes_a_graph_and_a_draft(zoo: Zoo, save: Callable[..., Path]) -> None:
    answer = zoo("freeze", save(), "-o", "out/tagger-2.pb", "--json")
    data = Path("out/tagger-2.pb").read_bytes()
    assert answer.code == 0
    assert answer.document == {
        "output": "out/tagger-2.pb",
        "inputs": ["x"],
        "outputs": ["tags", "out/BiasAdd"],
        "parameters": 12,
        "sha256": hashlib.sha256(data).hexdigest(),
        "verified": "none",
        "max_abs": None,
    }
    assert "Not verified" in answer.err and "audiozoo[tensorflow]" in answer.err
    assert "Set to false, as training flags: training" in answer.err
    np.testing.assert_allclose(run("out/tagger-2.pb", "tags", X), expected(X), atol=1e-6)
    record = json.loads(Path("out/tagger-2.json").read_text())
    assert record["version"] == "2" and record["zoo"]["id"] == "tagger-2"
    assert record["zoo"]["files"] == [
        {"kind": "pb", "size": len(data), "sha256": answer.document["sha256"]}
    ]
    assert record["schema"]["inputs"][0]["name"] == "x"
    assert [each["output_purpose"] for each in record["schema"]["outputs"]] == [
        "predictions",
        "logits",
    ]
    assert sorted(path.name for path in Path("out").iterdir()) == ["tagger-2.json", "tagger-2.pb"]


@pytest.mark.parametrize("name", ["model.meta", "model.index", "model.data-00000-of-00001"])
def test_each_file_of_a_checkpoint_is_opened_once(
    zoo: Zoo, save: Callable[..., Path], name: str
) -> None:
    save()
    with opened(name) as found:
        assert zoo("freeze", "model", "-o", "frozen.pb", "--node", "tags").code == 0
    assert len(found) == 1


def test_people_are_told_the_layers_and_what_to_fill_in(
    zoo: Zoo, save: Callable[..., Path]
) -> None:
    answer = zoo("freeze", save(), "-o", "m.pb")
    assert answer.out.splitlines() == [
        "input   x  float32  [?, 3]",
        "output  tags  Sigmoid  [?, 3]  predictions",
        "output  out/BiasAdd  BiasAdd  [?, 3]  logits",
    ]
    for gap in ("description", "classes", "zoo.license"):
        assert gap in answer.err.partition("To fill in:")[2]


def test_validate_finds_the_gaps_of_a_draft_and_nothing_once_they_are_filled(
    zoo: Zoo, save: Callable[..., Path]
) -> None:
    zoo("freeze", save(), "-o", "m.pb")
    first = zoo("validate", "m.json", "--json")
    failed = {c["id"] for c in first.document["targets"][0]["checks"] if c["status"] == "failed"}
    assert first.code == 1 and {"metadata-schema", "metadata-classes"} <= failed
    record = json.loads(Path("m.json").read_text())
    record |= {"type": "auto-tagging", "description": "Tags.", "author": "A", "email": "a@b.org"}
    record |= {"release_date": "2020-01-01", "classes": ["a", "b", "c"], "citation": "none"}
    record["dataset"] = {"name": "Noise", "size": "3"}
    record["inference"] = {"sample_rate": 16000, "algorithm": "TensorflowPredict"}
    record["zoo"]["license"] = "ISC"
    Path("m.json").write_text(json.dumps(record))
    second = zoo("validate", "m.json", "--json").document["targets"][0]["checks"]
    wrong = {check["id"] for check in second if check["status"] in ("failed", "warned")}
    assert wrong <= {"agreement-frontend"}


@pytest.mark.parametrize("place", ["folder", "folder/", "folder/model", "folder/model.index"])
def test_a_checkpoint_is_found_by_prefix_folder_or_file(
    zoo: Zoo, save: Callable[..., Path], tmp_path: Path, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    save(prefix="folder/model")
    elsewhere = 'model_checkpoint_path: "/home/somebody/experiments/17/"\n'
    (tmp_path / "folder" / "checkpoint").write_text(elsewhere)
    assert zoo("freeze", place, "-o", "m.pb").code == 0


@pytest.mark.parametrize("place", ["folder", "folder/"])
def test_a_checkpoint_of_hidden_files_is_found(
    zoo: Zoo, save: Callable[..., Path], tmp_path: Path, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    save(prefix="folder/")
    assert zoo("freeze", place, "-o", "m.pb").code == 0


def test_the_option_checkpoint_means_the_same(zoo: Zoo, save: Callable[..., Path]) -> None:
    assert zoo("freeze", "--checkpoint", save(), "-o", "m.pb").code == 0
    assert zoo("freeze", save(), "--checkpoint", save(), "-o", "m.pb").code == 2
    assert zoo("freeze", "-o", "m.pb").code == 2


def test_a_graph_of_constants_is_frozen_without_its_training_flag(
    zoo: Zoo, save: Callable[..., Path]
) -> None:
    zoo("freeze", save(), "-o", "flagged.pb", "--keep-all")
    answer = zoo("freeze", "flagged.pb", "-o", "m.pb", "--node", "tags", "--json")
    assert answer.document["inputs"] == ["x"] and "as training flags: training" in answer.err
    assert "training" not in graphdef.by_name(graphdef.read(Path("m.pb")))
    np.testing.assert_allclose(run("m.pb", "tags", X), expected(X), atol=1e-6)


@pytest.mark.parametrize(
    ("outputs", "code", "said"),
    [
        ({"serving_default": "y"}, 0, ""),
        ({"serving_default": "y", "other": "x"}, 0, "serving_default is frozen, not: other"),
        ({"one": "y", "other": "x"}, 2, "has several signatures"),
        ({}, 2, "has no signature"),
    ],
)
def test_a_saved_model_of_constants_needs_no_tensorflow(
    zoo: Zoo, outputs: dict[str, str], code: int, said: str
) -> None:
    model = SavedModel()
    meta = model.meta_graphs.add()
    meta.graph_def.CopyFrom(graphs.graph("x = Placeholder\nw = Const 3\ny = PartitionedCall x w"))
    for size in (-1, 3):
        meta.graph_def.node[0].attr["shape"].shape.dim.add(size=size)
    graphs.call(meta.graph_def.node[2], "body", 1)
    graphs.function(
        meta.graph_def, "body mel w", "z = Mul mel w\nt = Sigmoid z:z:0", {"o": "t:y:0"}
    )
    for signature, node in outputs.items():
        meta.signature_def[signature].outputs["tags"].name = f"{node}:0"
    Path("saved").mkdir()
    Path("saved/saved_model.pb").write_bytes(model.SerializeToString())
    answer = zoo("freeze", "saved", "-o", "m.pb", "--json")
    assert answer.code == code and said in answer.err + answer.out
    if not code:
        assert (answer.document["inputs"], answer.document["outputs"]) == (["mel"], ["t"])
        np.testing.assert_allclose(run("m.pb", "t", X), 1 / (1 + np.exp(-3 * X)), atol=1e-6)


def test_moving_averages_are_named_and_taken_when_asked_for(
    zoo: Zoo, tmp_path: Path, save: Callable[..., Path]
) -> None:
    save()
    graph = Checkpoint.open("model").metagraph().graph_def
    shadows = {"kernel/ExponentialMovingAverage": KERNEL.T.copy()}
    variables = {"kernel": KERNEL, "bias": BIAS, **shadows}
    graphs.save(graphs.checkpoint(variables, graph), f"{tmp_path}/model")
    own = zoo("freeze", "model", "-o", "own.pb")
    assert "moving averages of 1 of its variables" in own.err
    assert own.err.count("zoo freeze model -o own.pb --moving-average") == 1
    np.testing.assert_allclose(run("own.pb", "tags", X), expected(X), atol=1e-6)
    averaged = zoo("freeze", "model", "-o", "average.pb", "--moving-average")
    assert averaged.code == 0 and "averages" not in averaged.err
    logits = (X @ KERNEL.T + BIAS) @ KERNEL.T + BIAS
    np.testing.assert_allclose(run("average.pb", "tags", X), 1 / (1 + np.exp(-logits)), atol=1e-6)


def test_equal_checkpoints_give_equal_files(zoo: Zoo, save: Callable[..., Path]) -> None:
    digests = {zoo("freeze", save(), "-o", f"{i}.pb", "--json").document["sha256"] for i in "ab"}
    assert len(digests) == 1


def test_operations_with_side_effects_are_refused(zoo: Zoo, save: Callable[..., Path]) -> None:
    text = GRAPH + "    file = ReadFile x\n    leak = Add tags file"
    answer = zoo("freeze", save(text), "-o", "m.pb", "--node", "leak")
    assert answer.code == 5 and "ReadFile" in answer.err and not Path("m.pb").exists()


@pytest.mark.parametrize("words", [(), ("--node", "tags"), ("--input", "merge"), ("--keep-all",)])
def test_a_layer_that_reads_what_does_not_exist_is_damage(
    zoo: Zoo, save: Callable[..., Path], words: tuple[str, ...]
) -> None:
    prefix = save(GRAPH.replace("MatMul x kernel/read", "MatMul x kernel/reed"))
    answer = zoo("freeze", prefix, "-o", "m.pb", *words)
    assert answer.code == 5 and "kernel/reed" in answer.err and not Path("m.pb").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nothing", "-o", "m.pb"), 3, "There is no checkpoint nothing"),
        (("nothing.keras", "-o", "m.pb"), 3, "There is no file nothing.keras"),
        (("model", "-o", "m.txt"), 2, "zoo freeze model -o m.pb"),
        (("model", "-o", "folder.pb"), 2, "must end in .pb"),
        (("model", "-o", "."), 2, "zoo freeze model -o model.pb"),
        (("model", "-o", "m.pb", "-o", "n.pb"), 2, "m.pb and n.pb are several"),
        (("variables.pb", "-o", "m.pb"), 5, "without the values of its variables"),
        (("variables.pb", "--moving-average", "-o", "m.pb"), 2, "Only checkpoints hold them"),
        (("model", "--moving-average", "-o", "m.pb"), 2, "holds no moving averages"),
        (("graphless", "-o", "m.pb"), 3, "--architecture package.module:function"),
        (("model", "--architecture", "a:b", "-o", "m.pb"), 6, "audiozoo[tensorflow]"),
    ],
)
def test_wrong_use_is_told_in_the_users_words(
    zoo: Zoo, save: Callable[..., Path], words: tuple[str, ...], code: int, said: str
) -> None:
    save()
    save(prefix="graphless").with_suffix(".meta").unlink()
    Path("folder.pb").mkdir()
    Path("variables.pb").write_bytes(graphdef.serialize(graphs.graph(GRAPH.rstrip())))
    answer = zoo("freeze", *words)
    assert answer.code == code and said in answer.err
    assert not Path("m.pb").exists()


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _interrupted_while_a_class_is_made(*_: object) -> None:
    """Python 3.11 makes another error of what happens there."""
    type("Made", (), {"field": type("Field", (), {"__set_name__": _interrupted})()})


@pytest.mark.parametrize("ctrl_c", [_interrupted, _interrupted_while_a_class_is_made])
def test_ctrl_c_leaves_nothing(
    ctrl_c: Callable[..., None],
    zoo: Zoo,
    save: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from zoo.freezing import freezer

    prefix = save()
    before = set(Path().rglob("*"))
    monkeypatch.setattr(freezer, "freeze", ctrl_c)
    assert zoo("freeze", prefix, "-o", "out/m.pb").code == 130
    assert set(Path().rglob("*")) == before


def test_a_checkpoint_is_frozen_without_importing_tensorflow(save: Callable[..., Path]) -> None:
    program = (
        "import sys; sys.modules['tensorflow'] = None; from zoo import cli; code = cli.run();"
        "heavy = {'tensorflow', 'openvino', 'matplotlib', 'soundfile'};"
        "assert not [name for name in heavy if sys.modules.get(name)]; sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", program, "freeze", save(), "-o", "m.pb"], check=True)
    assert Path("m.pb").exists()
