"""Labels in tables."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow
import pytest
from pyarrow.parquet import write_table

from catalog.errors import IntegrityError, NotFoundError, UsageError
from training import tables
from training.labels import Labelled, Labels

ROWS = [("a.wav", "rock", "x"), ("b.wav", "jazz", "y"), ("c.wav", "rock", "x")]


def written(path: Path) -> Path:
    """The same rows in the format that the path's ending says."""
    columns = dict(zip(("file", "label", "artist"), zip(*ROWS, strict=True), strict=True))
    lines = [dict(zip(columns, row, strict=True)) for row in ROWS]
    between = "\t" if path.suffix == ".tsv" else ","
    match path.suffix:
        case ".parquet":
            write_table(pyarrow.table({name: list(cells) for name, cells in columns.items()}), path)
        case ".jsonl":
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        case _:
            path.write_text("\n".join(between.join(line) for line in (tuple(columns), *ROWS)))
    return path


@pytest.mark.parametrize("ending", tables.ENDINGS)
def test_each_format_gives_files_labels_and_groups(ending: str, tmp_path: Path) -> None:
    found = tables.read(written(tmp_path / f"table{ending}"), "artist")
    assert found == [Labelled(str(tmp_path / file), (label,), group) for file, label, group in ROWS]


def test_a_file_has_several_labels_in_rows_in_a_cell_or_in_a_list(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("file,label\na,x\nb,y\na,y\n")
    (tmp_path / "cell.csv").write_text("file,label\na,x; y\nb,y\n")
    (tmp_path / "list.jsonl").write_text(
        '{"file": "a", "label": ["x", "y"]}\n{"file": "b", "label": "y"}\n'
    )
    for name in ("rows.csv", "cell.csv", "list.jsonl"):
        rows = tables.read(tmp_path / name)
        assert [row.labels for row in rows] == [("x", "y"), ("y",)]


def test_numbers_are_values_of_a_regression_and_one_word_makes_them_classes(tmp_path: Path) -> None:
    table = tmp_path / "years.csv"
    table.write_text("file,label\na,1990\nb,2001.5\n")
    labels = Labels.of(tables.read(table))
    assert (labels.task, labels.targets.tolist()) == ("regression", [1990, 2001.5])
    table.write_text("file,label\na,1990\nb,nineties\n")
    assert Labels.of(tables.read(table)).classes == ("1990", "nineties")


def test_files_are_found_beside_the_table_or_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lists").mkdir()
    Path("lists/near.wav").touch()
    Path("here.wav").touch()
    Path("lists/table.csv").write_text("file,label\nnear.wav,x\nhere.wav,y\nnowhere.wav,x\n")
    files = [row.file for row in tables.read(Path("lists/table.csv"))]
    assert files == ["lists/near.wav", "here.wav", "lists/nowhere.wav"]


@pytest.mark.parametrize(
    ("name", "content", "groups", "error", "said"),
    [
        ("t.csv", b"path,label\na,x\n", None, UsageError, "no column file"),
        ("t.csv", b"file,label\na,x\n", "artist", UsageError, "no column artist"),
        ("t.csv", b"file,label\na,x\nb,\n", None, UsageError, "Row 2 of .* has no label"),
        ("t.csv", b"", None, UsageError, "no rows"),
        ("t.jsonl", b'{"file": "a"\n', None, IntegrityError, "cannot be read as a table"),
        ("t.parquet", b"PAR1 and no more", None, IntegrityError, "cannot be read as a table"),
        ("t.csv", None, None, NotFoundError, "There is no file"),
    ],
)
def test_what_is_no_table_of_labels_is_told(
    name: str, content: bytes | None, groups: str | None, error: type, said: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=said):
        tables.read(tmp_path / name, groups)
