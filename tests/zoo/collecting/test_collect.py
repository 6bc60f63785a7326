"""What is made of data sets: one table, and songs like a song."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from tests.support import lab
from zoo.collecting import dataset

Run = Callable[..., Any]


@pytest.fixture
def collected(
    predict: Run, songs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """A data set of four parts, with a file that failed."""
    monkeypatch.setattr(dataset, "ROWS", 2)
    lab.Network(tmp_path, "two")
    Path("music/bad.wav").write_bytes(b"RIFF")
    predict("tiny.pb", "two.pb", "music", "-o", "a.parquet/")
    return songs


@pytest.mark.parametrize("ending", ["csv", "jsonl", "npz", "parquet"])
def test_a_data_set_as_one_file_is_the_table_of_one_run(
    predict: Run, zoo: Run, collected: list[str], ending: str
) -> None:
    predict("tiny.pb", "two.pb", "music", "-o", f"b.{ending}")
    assert zoo("collect", "a.parquet/", "--to", f"one.{ending}").code == 0
    if ending == "npz":
        found, expected = np.load("one.npz"), np.load("b.npz")
        assert found.files == expected.files
        for key in found.files:
            np.testing.assert_array_equal(found[key], expected[key])
    elif ending == "parquet":
        found, expected = map(parquet.read_table, ("one.parquet", "b.parquet"))
        assert found.equals(expected, check_metadata=True)
    else:
        assert Path(f"one.{ending}").read_text() == Path(f"b.{ending}").read_text()


def test_what_is_most_like_a_song_has_the_greatest_cosine(zoo: Run, collected: list[str]) -> None:
    zoo("collect", "a.parquet/", "--to", "a.npz")
    table = np.load("a.npz")
    rows = table["two/matrix"] / np.linalg.norm(table["two/matrix"], axis=1, keepdims=True)
    cosines = rows @ rows[2]
    order = [index for index in np.argsort(-cosines) if index != 2]
    command = ["similar", "2.wav", "--in", "a.parquet/", "--model", "two", "--top", "3", "--json"]
    results = zoo(*command).document["results"]
    assert [each["file"] for each in results] == [collected[index] for index in order[:3]]
    scores = [each["score"] for each in results]
    np.testing.assert_allclose(scores, cosines[order[:3]], rtol=1e-6)


def test_wrong_questions_are_answered_in_a_sentence(zoo: Run, collected: list[str]) -> None:
    for words, code, told in [
        (("2.wav", "--in", "a.parquet/"), 2, "--model ID"),
        (("2.wav", "--in", "a.parquet/", "--model", "three"), 3, "It holds|holds tiny, two"),
        (("9.wav", "--in", "a.parquet/", "--model", "two"), 3, "no row of 9.wav"),
        (("bad.wav", "--in", "a.parquet/", "--model", "two"), 3, "no row of bad.wav"),
        (("2.wav", "--in", "music"), 3, "no data set"),
    ]:
        ran = zoo("similar", *words)
        assert ran.code == code
        assert any(each in ran.err for each in told.split("|"))
    assert zoo("collect", "a.parquet/", "--to", "a.xls").code == 2
    parquet.write_table(pyarrow.table({"file": ["a"]}), "a.parquet/part-000000.parquet")
    assert zoo("collect", "a.parquet/", "--to", "a.csv").code == 2


def test_a_tempo_keeps_its_numbers(
    predict: Run, zoo: Run, songs: list[str], tmp_path: Path
) -> None:
    lab.tempo(tmp_path)
    for song in songs[:2]:
        lab.audio(Path(song), lab.sine(16000 * 13), 16000)
    predict("tempo.pb", "music", "-o", "a.parquet/")
    predict("tempo.pb", "music", "-o", "b.csv")
    zoo("collect", "a.parquet/", "--to", "a.csv")
    assert Path("a.csv").read_text() == Path("b.csv").read_text()
    assert zoo("similar", "2.wav", "--in", "a.parquet/").code == 2
