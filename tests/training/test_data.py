"""Labelled files as users have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import NotFoundError, UsageError
from training import data
from training.duplicates import duplicates
from training.labels import Labelled

ENDINGS = (".wav",)


def touch(*files: str) -> None:
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(file)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_folder_is_a_class_with_all_that_is_in_it(caplog: pytest.LogCaptureFixture) -> None:
    touch("m/rock/a.wav", "m/rock/album/b.WAV", "m/jazz/c.wav", "m/d.wav", "m/rock/._a.wav")
    touch("m/rock/cover.jpg")
    found = data.read([Path("m")], ENDINGS, None)
    assert [(row.file, row.labels) for row in found] == [
        ("m/jazz/c.wav", ("jazz",)),
        ("m/rock/a.wav", ("rock",)),
        ("m/rock/album/b.WAV", ("rock",)),
    ]
    assert "1 files in m are in no folder of a class" in caplog.text


@pytest.mark.parametrize("turned", [False, True])
def test_the_two_files_of_gaia_are_read_in_either_order(turned: bool) -> None:
    Path("truth.yaml").write_text("type: singleClass\ngroundTruth: {one: rock, two: jazz}\n")
    Path("files.yaml").write_text("one: audio/1.wav\ntwo: audio/2.wav\n")
    words = [Path("truth.yaml"), Path("files.yaml")]
    found = data.read(words[::-1] if turned else words, ENDINGS, None)
    assert found == [Labelled("audio/1.wav", ("rock",)), Labelled("audio/2.wav", ("jazz",))]


def test_both_files_of_gaia_name_the_same_files() -> None:
    Path("truth.yaml").write_text("groundTruth: {one: rock, two: jazz}\n")
    Path("files.yaml").write_text("one: audio/1.wav\nthree: audio/3.wav\n")
    with pytest.raises(UsageError, match="not of the same files"):
        data.read([Path("truth.yaml"), Path("files.yaml")], ENDINGS, None)


@pytest.mark.parametrize(
    ("words", "groups", "error", "said"),
    [
        (["nothing"], None, NotFoundError, "no file nothing"),
        (["empty"], None, NotFoundError, "no folders with files"),
        (["empty"], "artist", UsageError, "Groups are a column of a table"),
        (["empty", "other"], None, UsageError, "one folder or table"),
        (["notes.txt"], None, UsageError, "not understood"),
    ],
)
def test_what_holds_no_labelled_files_is_told(
    words: list[str], groups: str | None, error: type, said: str
) -> None:
    Path("empty").mkdir()
    Path("notes.txt").touch()
    with pytest.raises(error, match=said):
        data.read([Path(word) for word in words], ENDINGS, groups)


def test_the_same_content_is_learned_from_once_and_in_two_classes_not_at_all() -> None:
    for name in ("a", "b"):
        Path(name).write_text("music")
    for name in ("c", "d"):
        Path(name).write_text("sound")
    Path("e").write_text("other")
    labels = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y"}
    found = duplicates([Labelled(file, (label,)) for file, label in labels.items()])
    assert found == {
        "b": "It has the same content as a.",
        "c": "It has the same content as d, which is y.",
        "d": "It has the same content as c, which is x.",
    }
