"""The record beside a frozen graph: what its author says, what stays of it, what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze import with_tensorflow
from tests.support import graphs, lab
from zoo.freezing.revision import Existing

Zoo = Callable[..., Any]
Document = dict[str, Any]

HEAD = """
    x = Placeholder
    kernel = VariableV2
    kernel/read = Identity kernel
    dense/MatMul = MatMul x kernel/read
    {output} = Softmax dense/MatMul
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(with_tensorflow, "is_installed", lambda: False)


def save(width: int = 200, classes: int = 3, output: str = "tags", seed: int = 0) -> str:
    """Write a checkpoint of a dense layer with softmax; give its prefix."""
    graph = graphs.graph(HEAD.format(output=output).rstrip())
    for node in graph.node:
        for size in {"x": (-1, width), "kernel": (width, classes)}.get(node.name, ()):
            node.attr["shape"].shape.dim.add(size=size)
    kernel = np.random.default_rng(seed).normal(size=(width, classes)).astype(np.float32)
    graphs.save(graphs.checkpoint({"kernel": kernel}, graph), "model")
    return "model"


def names(*classes: str) -> Path:
    path = Path("classes.txt")
    path.write_text("".join(f"{name}\n" for name in classes), encoding="utf-8")
    return path


def record() -> Document:
    document: Document = json.loads(Path("m-1.json").read_text())
    return document


@pytest.mark.slow
def test_one_command_writes_a_record_that_passes_the_strict_validation(zoo: Zoo) -> None:
    said = ("--classes", names("calm", "müde", "loud"), "--license", "CC-BY-4.0")
    who = ("--author", "Ada Lovelace <ada@lab.example>", "--extractor", "msd-musicnn-1")
    answer = zoo("freeze", save(), "-o", "m-1.pb", *said, *who)
    assert answer.code == 0 and "To fill in" not in answer.err
    document = record()
    assert document["classes"] == ["calm", "müde", "loud"]
    assert (document["author"], document["email"]) == ("Ada Lovelace", "ada@lab.example")
    assert document["description"] == "Tells calm, müde, loud from the embeddings of msd-musicnn-1."
    reads = {
        "algorithm": "TensorflowPredictMusiCNN",
        "model_name": "msd-musicnn-1",
        "link": "https://essentia.upf.edu/models/feature-extractors/musicnn/msd-musicnn-1.pb",
    }
    assert document["inference"] == {
        "sample_rate": 16000,
        "algorithm": "TensorflowPredict2D",
        "embedding_model": reads,
    }
    block = document["zoo"]
    assert (block["kind"], block["license"], block["family"]) == ("head", "CC-BY-4.0", "musicnn")
    assert block["extractor"] == {"id": "msd-musicnn-1"}
    judged = zoo("validate", "m-1.json", "--strict")
    assert judged.code == 0, judged.out


@pytest.mark.slow
def test_a_head_may_read_an_extractor_beside_it(zoo: Zoo) -> None:
    lab.described(lab.Network(Path(), "ears-1").path)
    said = ("--classes", names("a", "b", "c"), "--license", "MIT", "--extractor", "ears-1")
    record = json.loads(Path("ears-1.json").read_text())
    record["schema"]["outputs"][2]["shape"] = [3]
    Path("ears-1.json").write_text(json.dumps(record))
    assert zoo("freeze", save(width=3), "-o", "m-1.pb", *said).code == 0
    judged = zoo("validate", "m-1.json", "--strict")
    assert judged.code == 0, judged.out
    assert zoo("freeze", save(width=4), "-o", "n-1.pb", *said).code == 2


def test_words_may_be_given_in_python() -> None:
    import zoo

    zoo.freeze(save(), "m-1.pb", classes=["a", "b", "c"], author="Ada", extractor="msd-musicnn-1")
    document = record()
    assert document["classes"] == ["a", "b", "c"] and document["author"] == "Ada"
    assert document["description"] == "" and document["zoo"]["license"] == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--classes", "two.txt"), 2, "2 classes do not fit 3 predictions"),
        (("--classes", "twice.txt"), 2, "names a twice"),
        (("--classes", "empty.txt"), 2, "names no classes"),
        (("--classes", "latin.txt"), 2, "not text in UTF-8"),
        (("--classes", "steering.txt"), 2, "cannot be shown"),
        (("--classes", "none.txt"), 3, "none.txt"),
        (("--extractor", "audioset-vggish-3"), 2, "200 wide; they are 128 wide"),
        (("--extractor", "msd-musicnnn-1"), 3, "msd-musicnn-1"),
        (("--extractor", "gender-msd-musicnn-1"), 2, "has no embeddings layer"),
    ],
)
def test_words_that_do_not_fit_are_refused_and_nothing_is_written(
    zoo: Zoo, words: tuple[str, ...], code: int, said: str
) -> None:
    Path("two.txt").write_text("a\nb\n")
    Path("twice.txt").write_text("a\nb\na\n")
    Path("empty.txt").write_text("\n\n")
    Path("latin.txt").write_bytes("a\nb\nmüde\n".encode("latin-1"))
    Path("steering.txt").write_text("a\nb\n\x1b[2J\n")
    answer = zoo("freeze", save(), "-o", "m-1.pb", *words)
    assert answer.code == code and said in answer.err, answer.err
    assert not Path("m-1.pb").exists() and not Path("m-1.json").exists()


def test_classes_tell_which_output_is_the_predictions(zoo: Zoo) -> None:
    words = ("--node", "dense/MatMul", "--classes", names("a", "b", "c"))
    assert zoo("freeze", save(32), "-o", "m-1.pb", *words).code == 0
    (output,) = record()["schema"]["outputs"]
    assert (output["name"], output["output_purpose"]) == ("dense/MatMul", "predictions")


def test_one_vector_of_a_known_extractors_width_is_drafted_as_a_head(zoo: Zoo) -> None:
    answer = zoo("freeze", save(), "-o", "m-1.pb")
    assert "zoo.extractor" in answer.err.partition("To fill in:")[2]
    assert "200 wide, like the embeddings of msd-musicnn-1" in answer.err
    assert record()["zoo"]["kind"] == "head"
    assert record()["inference"] == {"algorithm": "TensorflowPredict2D"}
    other = zoo("freeze", save(17), "-o", "other.pb")
    assert "zoo.extractor" not in other.err
    assert json.loads(Path("other.json").read_text())["zoo"]["kind"] == "end-to-end"


@pytest.mark.parametrize("described", [True, False])
def test_predict_says_what_a_head_lacks(zoo: Zoo, described: bool) -> None:
    lab.audio(Path("song.wav"), lab.sine(16000), 16000)
    zoo("freeze", save(), "-o", "m-1.pb")
    if not described:
        Path("m-1.json").unlink()
    answer = zoo("predict", "m-1.pb", "song.wav")
    assert answer.code == 2
    assert "its record does not name that model" in answer.err
    assert "200 wide, like the embeddings of msd-musicnn-1" in answer.err
    assert '"extractor": {"id": …}' in answer.err


def _written(zoo: Zoo) -> Document:
    """A head as its author has described it."""
    zoo("freeze", save(), "-o", "m-1.pb", "--extractor", "msd-musicnn-1", "--license", "MIT")
    document = record()
    document |= {"description": "Ours.", "classes": ["a", "b", "c"], "note": {"x": [1]}}
    document["schema"]["outputs"][0]["description"] = "of the second run"
    Path("m-1.json").write_text(json.dumps(document, indent=2) + "\n")
    return document


def test_a_network_frozen_anew_brings_its_record_up_to_date_and_keeps_its_words(zoo: Zoo) -> None:
    document = _written(zoo)
    answer = zoo("freeze", save(seed=1), "-o", "m-1.pb")
    data = Path("m-1.pb").read_bytes()
    document["zoo"]["files"][0]["sha256"] = hashlib.sha256(data).hexdigest()
    assert Path("m-1.json").read_text() == json.dumps(document, indent=2) + "\n"
    assert f'+        "sha256": "{hashlib.sha256(data).hexdigest()}"' in answer.err
    assert "disagrees" not in answer.err
    again = zoo("freeze", save(seed=1), "-o", "m-1.pb")
    assert "describes it already" in again.err


def test_what_the_author_wrote_otherwise_than_the_network_is_shown(zoo: Zoo) -> None:
    _written(zoo)
    answer = zoo("freeze", save(classes=2), "-o", "m-1.pb")
    assert "m-1.json disagrees with m-1.pb: agreement-classes" in answer.err
    assert "found 3 classes" in answer.err
    document = record()
    assert document["classes"] == ["a", "b", "c"]
    (output,) = document["schema"]["outputs"][:1]
    assert output["shape"] == ["batch_size", 2]


def test_an_output_of_another_name_takes_over_the_words_of_the_one_of_its_purpose(
    zoo: Zoo,
) -> None:
    before = _written(zoo)["schema"]["outputs"]
    zoo("freeze", save(output="genre"), "-o", "m-1.pb")
    after = record()["schema"]["outputs"]
    assert [each["name"] for each in after] == ["genre", *(each["name"] for each in before[1:])]
    assert after[0] == {**before[0], "name": "genre"}


def test_an_author_may_say_more_of_a_record_that_is_there(zoo: Zoo) -> None:
    document = _written(zoo)
    zoo("freeze", save(), "-o", "m-1.pb", "--license", "CC0-1.0", "--classes", names("x", "y", "z"))
    document["zoo"]["license"], document["classes"] = "CC0-1.0", ["x", "y", "z"]
    assert record() == document


def test_essentias_metadata_get_a_block_of_their_own_only_for_what_is_said(zoo: Zoo) -> None:
    document = _written(zoo)
    del document["zoo"]
    Path("m-1.json").write_text(json.dumps(document))
    zoo("freeze", save(seed=1), "-o", "m-1.pb")
    assert record() == document
    zoo("freeze", save(seed=1), "-o", "m-1.pb", "--license", "MIT")
    block = record()["zoo"]
    assert (block["id"], block["license"]) == ("m-1", "MIT") and block["files"][0]["sha256"]


@pytest.mark.parametrize("content", ["[]", "no JSON", '{"zoo": 3}'])
def test_what_is_no_record_is_kept_and_told(zoo: Zoo, content: str) -> None:
    Path("m-1.json").write_text(content)
    answer = zoo("freeze", save(), "-o", "m-1.pb", "-q")
    assert answer.code == 0 and "kept as it is" in answer.err
    assert Path("m-1.json").read_text() == content and Path("m-1.pb").exists()


def test_the_encoding_of_a_record_stays(zoo: Zoo) -> None:
    _written(zoo)
    path = Path("m-1.json")
    path.write_bytes(path.read_text().encode("utf-16"))
    zoo("freeze", save(seed=1), "-o", "m-1.pb")
    found = Existing.read(path)
    assert found and found.encoding == "utf-16"
    digest = hashlib.sha256(Path("m-1.pb").read_bytes()).hexdigest()
    assert found.record.files[0].sha256 == (digest,)


def test_every_output_that_was_named_reaches_the_record(zoo: Zoo) -> None:
    zoo(
        "freeze", save(32), "-o", "m-1.pb", "--node", "tags", "--node", "kernel/read", "--node", "x"
    )
    outputs = {each["name"]: each["output_purpose"] for each in record()["schema"]["outputs"]}
    assert outputs == {"tags": "predictions", "kernel/read": "", "x": ""}
