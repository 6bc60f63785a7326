"""Folders of further records beside those of zoo."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import IntegrityError, NotFoundError
from catalog.index import catalog


@pytest.fixture
def further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that ``ZOO_CATALOG`` names."""
    folder = tmp_path / "records"
    folder.mkdir()
    monkeypatch.setenv("ZOO_CATALOG", os.pathsep.join(["", str(folder)]))
    return folder


def _write(folder: Path, id: str, **zoo: Any) -> Path:
    block = {"id": id, "kind": "extractor", **zoo}
    document = {"name": id, "description": "Ours.", "framework": "tensorflow", "zoo": block}
    path = folder / f"{id}.json"
    path.write_text(json.dumps(document))
    return path


def test_further_records_are_found_beside_the_built_in_ones(further: Path) -> None:
    _write(further, "lab-extractor-1", names=["lab-old"])
    _write(further, "lab-extractor-2")
    assert catalog().find("lab-extractor").id == "lab-extractor-2"
    assert catalog().find("LAB-old").id == "lab-extractor-1"
    assert catalog().find("msd-musicnn-1").id == "msd-musicnn-1"


@pytest.mark.shared
def test_a_metadata_file_of_essentia_is_a_further_record(further: Path, shared: Path) -> None:
    source = shared / "facts" / "metadata-examples" / "fs_loop_ds-msd-musicnn-1.json"
    text = source.read_text().replace("fs_loop_ds-msd-musicnn-1", "loops-msd-musicnn-1")
    (further / "loops-msd-musicnn-1.json").write_text(text)
    assert len(catalog().find("loops-msd").classes) == 5


@pytest.mark.parametrize("id", ["msd-musicnn-1", "MSD-musicnn-1", "msd_musicnn_frozen_small"])
def test_a_further_record_cannot_take_a_name_that_is_taken(further: Path, id: str) -> None:
    path = _write(further, id)
    with pytest.raises(IntegrityError) as raised:
        catalog()
    assert str(path) in raised.value.message
    assert "already" in raised.value.message


def test_two_further_records_cannot_share_a_name(further: Path) -> None:
    one = _write(further, "lab-1", names=["lab"])
    other = _write(further, "lab-2", names=["LAB"])
    with pytest.raises(IntegrityError, match="already") as raised:
        catalog()
    assert str(one) in raised.value.message and str(other) in raised.value.message


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"zoo": []}',
        '{"name": "x", "description": "x", "framework": "x", "zoo": {"id": "y", "kind": "svm"}}',
        '{"name": "x", "description": "x", "framework": "x", "zoo": {"id": 5, "kind": "svm"}}',
    ],
)
def test_a_broken_further_record_is_named(further: Path, content: str) -> None:
    path = further / "x.json"
    path.write_text(content)
    with pytest.raises(IntegrityError, match=r"is not (JSON|a model record)") as raised:
        catalog()
    assert str(path) in raised.value.message
    assert raised.value.why


def test_a_folder_that_does_not_exist_is_named(further: Path) -> None:
    shutil.rmtree(further)
    with pytest.raises(NotFoundError, match="records"):
        catalog()
