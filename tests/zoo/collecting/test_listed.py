"""Lists of audio: text, stdin, and the columns of tables."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from catalog.errors import AudioError, NotFoundError, UsageError
from zoo.collecting.listed import listed

ROWS = [("a.mp3", "one"), ("b, c.mp3", "two"), ("", "three"), ("d.mp3", "four")]
EXPECTED = [("a.mp3", "one"), ("b, c.mp3", "two"), ("d.mp3", "four")]


def table(path: Path) -> str:
    if path.suffix == ".parquet":
        columns = dict(zip(("path", "mbid"), map(list, zip(*ROWS, strict=True)), strict=True))
        parquet.write_table(pyarrow.table(columns), path)
    else:
        cut = "\t" if path.suffix == ".tsv" else ","
        lines = [("path", "mbid"), *ROWS]
        path.write_text("".join(f'"{file}"{cut}{id}\n' for file, id in lines), encoding="utf-8-sig")
    return f"{path}:path"


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_a_column_of_a_table_names_files_and_another_identifies_them(
    tmp_path: Path, ending: str
) -> None:
    spec = table(tmp_path / f"tracks.{ending}")
    assert list(listed(spec, "mbid")) == EXPECTED
    assert list(listed(spec)) == [(file, None) for file, _ in EXPECTED]


def test_a_text_names_a_file_a_line_whatever_is_in_the_name(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbfa b.mp3\r\n\n[x].mp3\n\xff.mp3\nlast: one.mp3")
    expected = ["a b.mp3", "[x].mp3", "\udcff.mp3", "last: one.mp3"]
    assert [each.file for each in listed(str(path))] == expected


def test_stdin_names_files_as_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.StringIO("a.mp3\nb.mp3\n")
    monkeypatch.setattr(sys, "stdin", stdin)
    files = listed("-")
    assert next(files).file == "a.mp3"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_column_that_does_not_exist_is_told_with_those_that_do(
    tmp_path: Path, ending: str
) -> None:
    spec = table(tmp_path / f"tracks.{ending}")
    for column, id in (("file", None), ("path", "isrc")):
        with pytest.raises(UsageError, match=r"has no column (file|isrc)") as found:
            list(listed(spec.replace(":path", f":{column}"), id))
        assert "path, mbid" in found.value.why


def test_a_table_without_a_column_and_a_list_with_one_are_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Which column"):
        listed(table(tmp_path / "tracks.csv").removesuffix(":path"))
    with pytest.raises(UsageError, match="no column mbid"):
        listed("list.txt", "mbid")


def test_what_is_missing_or_no_list_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file"):
        list(listed(str(tmp_path / "list.txt")))
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(AudioError, match="cannot be read as Parquet"):
        list(listed(f"{tmp_path}/a.parquet:path"))
    (tmp_path / "song.wav").write_bytes(b"RIFF\0\0\0\0")
    with pytest.raises(AudioError, match="not text"):
        list(listed(str(tmp_path / "song.wav")))
