"""Files of descriptors, in every form in which Essentia's extractors write them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import DescriptorError, MissingExtraError, NotFoundError, ZooError
from predictors.descriptors import files
from tests.support import fuzzing

NESTED = {"low": {"mfcc": {"mean": [1, 2.5], "cov": [[1, 2], [3, 4]]}}, "tonal": {"key": "Bb"}}
FLAT = {"low.mfcc.mean": [1, 2.5], "low.mfcc.cov": [[1, 2], [3, 4]], "tonal.key": "Bb"}
YAML = """
low:
    mfcc:
        mean: [1, 2.5]
        cov: [[1, 2], [3, 4]]
tonal:
    key: "Bb"
"""


def read(tmp_path: Path, text: str | bytes) -> dict[str, Any]:
    path = tmp_path / "song.sig"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return files.read(path)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(NESTED),
        json.dumps(FLAT),
        json.dumps({"low.mfcc": NESTED["low"]["mfcc"], "tonal": {"key": "Bb"}}),
        "\ufeff \n" + json.dumps(NESTED),
        YAML,
        json.dumps(NESTED, indent=1).replace("{", "\n{"),
        "low.mfcc.mean: [1, 2.5]\nlow.mfcc: {cov: [[1, 2], [3, 4]]}\ntonal.key: Bb\n",
    ],
)
def test_nested_and_flat_files_mean_the_same(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == FLAT


@pytest.mark.parametrize("form", ['{"a": %s, "b": [1, %s]}', "a: %s\nb: [1, %s]"])
def test_what_is_no_number_stops_only_who_needs_it(tmp_path: Path, form: str) -> None:
    for written in ("nan", "-nan", "inf", "-inf"):
        found = read(tmp_path, form % (written, written))
        assert found["b"][0] == 1 and not isinstance(found["a"], list)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[1]", "{", '{"a": 1', "- 1", "a: [", "just text", b"\xff\xfe\x00", "\0"),
        "a: &x [1]\nb: *x",
        "a: &x [*x]",
        "a: " + "[" * 1000 + "]" * 1000,
        '{"a": ' + "[" * 1000 + "]" * 1000 + "}",
        "a: !!python/object/apply:os.getcwd []",
        "<!doctype html>",
    ],
)
def test_what_holds_no_descriptors_is_refused(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(DescriptorError, match="holds no descriptors"):
        read(tmp_path, text)


def test_far_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 100)
    with pytest.raises(DescriptorError) as raised:
        read(tmp_path, json.dumps({"a": "b" * 100}))
    assert "too large" in raised.value.why
    monkeypatch.setattr(files, "MOST_NAMES", 2)
    with pytest.raises(DescriptorError) as raised:
        read(tmp_path, json.dumps({"a": 1, "b": 2, "c": 3}))
    assert "far more names" in raised.value.why


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="song"):
        files.read(tmp_path / "song.json")


def test_yaml_needs_an_extra_and_json_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert read(tmp_path, json.dumps(NESTED)) == FLAT
    with pytest.raises(MissingExtraError, match="PyYAML") as raised:
        read(tmp_path, YAML)
    assert "audiozoo[train]" in raised.value.hint


@pytest.mark.slow
@fuzzing.examples(100)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    text = data.draw(st.sampled_from([YAML, json.dumps(NESTED)]))
    try:
        read(tmp_path, data.draw(fuzzing.damaged(text.encode())))
    except ZooError as error:
        assert error.exit_code == 1 and error.message
