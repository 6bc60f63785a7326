"""What other systems do differently, as far as this one can play them."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import manifest, systems
from catalog.errors import StorageError, UsageError
from catalog.index import catalog
from catalog.schema import differences
from catalog.storage import save
from tests.support import ROOT, lab
from tests.test_arrows import ROOMS
from zoo import cli, output
from zoo.collecting.listed import listed
from zoo.predicting.places import require_distinct

UNIX = {"fcntl", "resource", "termios", "tty", "pty", "pwd", "grp"}
"""Modules that Windows does not have."""

LONGEST = 260
"""Characters of a path that Windows takes, if nothing else was configured."""

HOME = r"C:\Users\a_name_of_twenty_let\AppData\Local\zoo\Cache"


@pytest.mark.parametrize("name", ["con", "AUX", "nul.pb", "Com1", "lpt9.json", "prn.a.b"])
def test_names_of_devices_are_no_names_of_models(name: str) -> None:
    assert not manifest.is_safe(name)


@pytest.mark.parametrize("name", ["console-1", "com", "com10", "auxiliary-1.pb", "x.con"])
def test_names_that_only_begin_so_are_names(name: str) -> None:
    assert manifest.is_safe(name)


def test_every_model_has_a_place_in_a_store_of_windows() -> None:
    for model in catalog().models:
        assert manifest.is_safe(model.id.rpartition("/")[2])
        longest = f"{HOME}\\models\\{model.id}\\.zoo-000000-0000000000-{'0' * 12}.tmp"
        assert len(longest) < LONGEST
        assert len(f"{HOME}\\models\\{model.id}\\{model.id}.json") < LONGEST


Busy = Callable[[str, int], None]


@pytest.fixture
def busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Busy:
    """A system on which ``a.json`` is refused to be replaced so many times, as if it were open."""
    (tmp_path / "a.json").write_text("old")
    replace = Path.replace

    def begin(system: str, times: int) -> None:
        refusals = iter(range(times))

        def refuse(made: Path, path: Path) -> Path:
            if next(refusals, None) is not None:
                raise PermissionError(13, "Access is denied")
            return replace(made, path)

        monkeypatch.setattr(systems.sys, "platform", system)
        monkeypatch.setattr(systems.time, "sleep", lambda _: None)
        monkeypatch.setattr(Path, "replace", refuse)

    return begin


def test_a_file_that_is_open_for_a_moment_is_replaced(busy: Busy, tmp_path: Path) -> None:
    busy("win32", 3)
    save(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_text() == "new"


@pytest.mark.parametrize(("system", "times"), [("win32", 100), ("linux", 1)])
def test_a_file_that_stays_open_is_told_and_left_as_it_was(
    system: str, times: int, busy: Busy, tmp_path: Path
) -> None:
    """Elsewhere nothing is tried again: there, a refusal is one."""
    busy(system, times)
    with pytest.raises(StorageError, match="cannot be used"):
        save(tmp_path / "a.json", b"new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(("system", "same"), [("win32", True), ("darwin", True), ("linux", False)])
def test_results_that_differ_in_case_alone_need_a_disk_that_sees_it(
    system: str, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems.sys, "platform", system)
    found = [Path("out/Beat.wav.npz"), Path("out/beat.wav.npz")]
    if same:
        with pytest.raises(UsageError, match="same name"):
            require_distinct(Path("out"), found)
    else:
        require_distinct(Path("out"), found)


def test_a_column_of_a_table_on_a_drive_is_found(tmp_path: Path) -> None:
    table = tmp_path / "C:" / "tracks.csv"
    table.parent.mkdir()
    table.write_text("path\nC:\\music\\song.mp3\n")
    assert [each.file for each in listed(f"{table}:path")] == ["C:\\music\\song.mp3"]
    with pytest.raises(UsageError, match="Which column"):
        list(listed(r"C:\lists\tracks.csv"))


def test_a_terminal_of_windows_shows_what_it_can(
    tmp_path: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.Network(tmp_path)
    lab.audio(tmp_path / "♫.wav", lab.sine(16000), 16000)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "quiet", False)
    for words in (["info", "msd-musicnn-1"], ["doctor"], ["predict", "tiny.pb", "♫.wav"]):
        shown, told = (io.TextIOWrapper(io.BytesIO(), "cp1252") for _ in range(2))
        monkeypatch.setattr(sys, "stdout", shown)
        monkeypatch.setattr(sys, "stderr", told)
        monkeypatch.setattr(sys, "argv", ["zoo", *words])
        assert cli.run() == 0
        shown.flush()
        text = shown.buffer.getvalue().decode("cp1252")  # type: ignore[attr-defined]
        assert "\\u2588" not in text
    assert text.startswith("\\u266b.wav") and "#" in text


def test_no_module_needs_what_windows_lacks_to_be_imported() -> None:
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [each.name for each in node.names] + [getattr(node, "module", "") or ""]
                assert not UNIX & {name.partition(".")[0] for name in names}, path
        calls = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert "os.fork" not in calls, path


@pytest.mark.slow
def test_a_foreign_model_runs_where_nothing_of_unix_is(tmp_path: Path) -> None:
    """In the command and in the processes that it begins."""
    lab.Network(tmp_path)
    lab.audio(tmp_path / "song.wav", lab.impulses(16000), 16000)
    code = f"import sys\nfor name in {sorted(UNIX)}: sys.modules[name] = None\n"
    (tmp_path / "sitecustomize.py").write_text(code)
    places: dict[str, Any] = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    places |= {"ZOO_HOME": str(tmp_path / "home"), "ZOO_OFFLINE": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "zoo", "predict", "tiny.pb", "song.wav", "-o", "tags.csv"],
        cwd=tmp_path,
        env=os.environ | places,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "tags.csv").exists()


@pytest.mark.parametrize(("id", "passes"), [("con", False), ("Aux.1", False), ("console-1", True)])
def test_the_schema_of_records_knows_them_too(id: str, passes: bool) -> None:
    record = {"name": "x", "description": "x", "framework": "x", "zoo": {"id": id, "kind": "svm"}}
    assert (not list(differences(record))) is passes
