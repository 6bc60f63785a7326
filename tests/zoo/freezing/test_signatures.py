"""Every output that a SavedModel's signature names goes into the record and the exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.tensorflow


def test_outputs_without_a_known_purpose_are_kept_too(
    zoo: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    class Tagger(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = tf.Variable(tf.ones([96, 8]) / 96)
            self.second = tf.Variable(tf.eye(8, 3))

        @tf.function(input_signature=[tf.TensorSpec([None, 187, 96], tf.float32, name="mel")])
        def tag(self, mel: Any) -> dict[str, Any]:
            hidden = tf.nn.relu(tf.reduce_mean(mel, 1) @ self.first)
            logits = hidden @ self.second
            return {
                "tags": tf.sigmoid(logits),
                "best": tf.argmax(logits, 1),
                "hidden": hidden,
                "energy": tf.reduce_mean(mel * mel, [1, 2]),
            }

    monkeypatch.chdir(tmp_path)
    module = Tagger()
    tf.saved_model.save(module, "saved", signatures=module.tag)
    said = ("--license", "MIT", "--classes", "classes.txt")
    Path("classes.txt").write_text("a\nb\nc\n")
    frozen = zoo("freeze", "saved", "-o", "m.pb", "--json", *said)
    assert frozen.code == 0
    schema = json.loads(Path("m.json").read_text())["schema"]
    listed = {each["name"].rpartition("/")[2]: each for each in schema["outputs"]}
    assert {"Sigmoid", "ArgMax", "Relu", "Mean_1"} <= listed.keys()
    assert listed["ArgMax"]["type"] == "int64" and listed["ArgMax"]["output_purpose"] == ""
    assert {each["name"] for each in schema["outputs"]} == set(frozen.document["outputs"])
    judged = zoo("validate", "m.json", "--strict")
    assert judged.code == 0, judged.out
    exported = zoo(
        *("export", "m.pb", "--to", "tfjs", "-o", "web", "--verify", "reader", "--json")
    ).document
    assert {each["name"] for each in exported["layers"]} == set(frozen.document["outputs"])
