"""Models rebuilt from a published wheel, which pip fetches from a folder here."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import ChecksumError, NetworkError, NotFoundError, OfflineError, StorageError
from catalog.fields import Recipe
from freeze.formats.graphdef import parse
from freeze.recipe import build
from tests.support import graphs

pytestmark = pytest.mark.slow

NAME = "zoo_test_tagger-1.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip is told to use instead of any index; it holds one wheel."""
    folder = tmp_path / "index"
    folder.mkdir()
    graph = graphs.graph("x = Placeholder\nw = VariableV2\ny = Mul x w")
    files = graphs.checkpoint({"w": np.float32(3)}, graph)
    with zipfile.ZipFile(folder / NAME, "w") as wheel:
        for ending, content in files.items():
            wheel.writestr(f"tagger/small/{ending}", content)
        wheel.writestr("tagger/__init__.py", "raise SystemExit('code ran')")
        info = "zoo_test_tagger-1.0.dist-info"
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: zoo-test-tagger\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    return folder


@pytest.fixture
def recipe(index: Path) -> Recipe:
    digest = hashlib.sha256((index / NAME).read_bytes()).hexdigest()
    return Recipe("zoo-test-tagger", "1.0", digest, "tagger/small/", ("y",), (), "0" * 64, 0, "ISC")


needs_pip = pytest.mark.skipif(
    subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode != 0,
    reason="pip is not installed",
)


@needs_pip
def test_a_model_is_built_from_a_wheel_that_pip_fetches(recipe: Recipe, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "wheels"
    graph = parse(build(recipe, folder), "y.pb")
    assert [(node.name, node.op) for node in graph.node] == [
        ("x", "Placeholder"),
        ("w", "Const"),
        ("y", "Mul"),
    ]
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_a_wheel_that_is_there_is_used_again(recipe: Recipe, index: Path) -> None:
    before = build(recipe, index)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", "/nonexistent")
        patch.setenv("ZOO_OFFLINE", "1")
        assert build(recipe, index) == before


def test_offline_no_wheel_is_fetched(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    with pytest.raises(OfflineError, match=r"zoo-test-tagger==1\.0"):
        build(recipe, tmp_path / "wheels")


@needs_pip
def test_a_damaged_wheel_that_is_there_is_fetched_again(recipe: Recipe, tmp_path: Path) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / NAME).write_bytes(b"PK\x03\x04 cut short")
    assert parse(build(recipe, folder), "y.pb").node
    assert hashlib.sha256((folder / NAME).read_bytes()).hexdigest() == recipe.wheel_sha256


@needs_pip
def test_another_wheel_than_the_published_one_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ChecksumError, match="is not the published one"):
        build(replace(recipe, wheel_sha256="0" * 64), tmp_path / "wheels")
    assert list((tmp_path / "wheels").iterdir()) == []


@needs_pip
def test_what_pip_cannot_fetch_is_told_with_its_reason(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        build(replace(recipe, version="2.0"), tmp_path / "wheels")
    assert "zoo-test-tagger==2.0" in caught.value.message
    assert "ERROR" in caught.value.why
    assert "pip download --no-deps zoo-test-tagger==2.0" in caught.value.hint
    assert list((tmp_path / "wheels").iterdir()) == []


def test_a_missing_pip_is_told(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E "$@"\n')  # finds no packages
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(NetworkError) as caught:
        build(recipe, tmp_path / "wheels")
    assert "No module named pip" in caught.value.why
    assert "ensurepip" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_told(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        build(recipe, tmp_path / "file" / "wheels")


def test_a_wheel_without_the_checkpoint_is_told(recipe: Recipe, index: Path) -> None:
    with pytest.raises(NotFoundError, match=r"has no file tagger/large/\.index"):
        build(replace(recipe, checkpoint="tagger/large/"), index)


@needs_pip
def test_a_full_disk_while_pip_fetches_is_told(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nulimit -f 0\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(StorageError, match="cannot be written"):
        build(recipe, tmp_path / "wheels")
