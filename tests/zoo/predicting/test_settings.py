"""What numbers depend on: where it changes, they are computed again or left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import lab
from tests.zoo.predicting.conftest import FILES, TABLES, content

Run = Callable[..., Any]


def test_a_file_that_changed_is_computed_again(predict: Run, music: Path, heard: list[str]) -> None:
    predict("tiny.pb", "music", "-o", "a.csv")
    before = Path("a.csv").read_text().splitlines()
    lab.audio(music / "album/a.flac", lab.noise(16000), 16000)
    heard.clear()
    assert predict("tiny.pb", "music", "-o", "a.csv").code == 0
    assert heard == [FILES[1]]
    after = Path("a.csv").read_text().splitlines()
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, True]


def test_where_a_model_or_its_record_changed_all_is_computed_again(
    predict: Run, music: Path, tmp_path: Path, tiny: Any, heard: list[str]
) -> None:
    predict("tiny.pb", "music", "-o", "a.csv")
    tiny.path.with_suffix(".json").write_text(json.dumps(tiny.record | {"classes": ["a", "b"]}))
    heard.clear()
    refused = predict("tiny.pb", FILES[0], FILES[1], "-o", "a.csv")
    assert (refused.code, heard) == (2, []), "the third file would keep the numbers of before"
    ran = predict("tiny.pb", "music", "-o", "a.csv")
    assert (ran.code, heard) == (0, FILES)
    assert "The models have changed" in ran.err
    assert Path("a.csv").read_text().startswith("file,duration,a,b,error")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--patch-hop", "50"], "patch_hop None, not patch_hop 50"),
        (["--layer", "logits"], "layer predictions, not layer logits"),
        (["--last-patch", "pad"], "last_patch discard"),
        (["--runtime", "tensorflow"], "not runtime tensorflow"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "arrays"])
def test_what_other_options_gave_is_left_alone(
    name: str, words: list[str], said: str, predict: Run, music: Path
) -> None:
    predict("tiny.pb", FILES[0], FILES[1], "-o", name)
    before = content(name)
    ran = predict("tiny.pb", *FILES, *words, "-o", name)
    assert (ran.code, content(name)) == (2, before)
    assert said in ran.err and "--force" in ran.err
    assert predict("tiny.pb", *FILES, "-o", name).code == 0, "as before"


@pytest.mark.parametrize("name", [*TABLES, "arrays"])
def test_what_other_models_gave_is_left_alone(
    name: str, predict: Run, tmp_path: Path, music: Path
) -> None:
    lab.Network(tmp_path, "one")
    predict("tiny.pb", "music", "-o", name)
    before = content(name)
    for models in (["one.pb"], ["tiny.pb", "one.pb"]):
        ran = predict(*models, "music", "-o", name)
        assert (ran.code, content(name)) == (2, before)
        assert "results of tiny, not of" in ran.err
    assert predict("one.pb", "music", "-o", name, "--force").code == 0
    assert predict("one.pb", "music", "-o", name).code == 0
