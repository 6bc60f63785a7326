"""Tables that are taken up again: what is computed, what is kept, what is left alone."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import lab
from tests.zoo.predicting.conftest import FILES, TABLES, content

Run = Callable[..., Any]


@pytest.mark.parametrize("name", [*TABLES, "arrays"])
def test_of_a_finished_output_only_new_and_failed_files_are_computed(
    name: str, predict: Run, music: Path, heard: list[str]
) -> None:
    command = ("tiny.pb", "music", "-o", name)
    assert predict(*command).code == 0
    before = content(name)
    heard.clear()
    assert predict(*command).code == 0
    assert (heard, content(name)) == ([], before)
    (music / "bad.wav").write_bytes(b"RIFF")
    lab.audio(music / "late.wav", lab.noise(16000), 16000)
    assert predict(*command).code == 1
    assert heard == ["music/bad.wav", "music/late.wav"]
    heard.clear()
    lab.audio(music / "bad.wav", lab.chirp(16000), 16000)
    assert predict(*command).code == 0
    assert heard == ["music/bad.wav"]
    assert predict("tiny.pb", "music", "-o", f"whole-{name}").code == 0
    assert content(name) == content(f"whole-{name}")


@pytest.mark.parametrize("name", [*TABLES, "arrays"])
def test_an_interrupted_run_goes_on_where_it_stopped(
    name: str, predict: Run, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictors.audio import decoding

    whole = predict("tiny.pb", "music", "--json").document
    assert predict("tiny.pb", "music", "-o", f"whole-{name}").code == 0
    read, heard = decoding.pieces, []

    def interrupted(path: str, *others: Any) -> Any:
        heard.append(path)
        if len(heard) == 3:
            raise KeyboardInterrupt
        return read(path, *others)

    monkeypatch.setattr(decoding, "pieces", interrupted)
    ran = predict("tiny.pb", "music", "-o", name, "--json")
    assert (ran.code, heard) == (130, FILES)
    assert ran.document["error"]["why"] == f"2 of 3 files are kept in {name}.journal."
    with Path(f"{name}.journal").open("a") as file:
        file.write('{"file": "music/alb' + "u" * 100_000)  # as a kill leaves it
    ran = predict("tiny.pb", "music", "-o", name, "--json")
    assert (ran.code, heard[3:]) == (0, FILES[2:])
    assert "2 of 3 files were already done" in ran.err
    assert ran.document == whole
    assert content(name) == content(f"whole-{name}")
    assert predict("tiny.pb", "music", "-o", name).code == 0
    assert (len(heard), content(name)) == (4, content(f"whole-{name}"))


def test_a_document_of_files_whose_times_were_not_kept_is_computed_again(
    predict: Run, music: Path, heard: list[str]
) -> None:
    whole = predict("tiny.pb", "music", "--json").document
    predict("tiny.pb", "music", "-o", "a.csv")
    heard.clear()
    assert predict("tiny.pb", "music", "-o", "a.csv", "--json").document == whole
    assert heard == FILES
    assert predict("tiny.pb", "music", "-o", "a.csv", "--json").document == whole
    assert heard == FILES


@pytest.mark.slow
def test_the_document_of_tempo_and_pitch_is_kept_too(
    predict: Run, tmp_path: Path, heard: list[str]
) -> None:
    for make in (lab.tempo, lab.pitch):
        path = make(tmp_path)
        for name in ("a.wav", "b.wav"):
            lab.audio(tmp_path / name, lab.impulses(11025), 11025)
        command = (path.name, "a.wav", "b.wav", "-o", f"{path.stem}.csv", "--json")
        whole = predict(*command).document
        heard.clear()
        assert predict(*command).document == whole
        assert heard == []


def test_arrays_that_were_removed_are_computed_again(
    predict: Run, music: Path, heard: list[str]
) -> None:
    predict("tiny.pb", "music", "-o", "arrays")
    heard.clear()
    Path("arrays/a.wav.npz").unlink()
    assert predict("tiny.pb", "music", "-o", "arrays").code == 0
    assert (heard, Path("arrays/a.wav.npz").exists()) == ([FILES[0]], True)


@pytest.mark.parametrize("name", [*TABLES, "arrays/a.wav.npz"])
def test_what_zoo_did_not_write_is_left_alone_until_force(
    name: str, predict: Run, music: Path
) -> None:
    output = "arrays" if name.startswith("arrays") else name
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("someone's own\n")
    ran = predict("tiny.pb", "music", "-o", output)
    assert (ran.code, Path(name).read_text()) == (2, "someone's own\n")
    assert f"{name} was not changed" in ran.err and "--force" in ran.err
    assert predict("tiny.pb", "music", "-o", output, "--force").code == 0
    assert b"someone's" not in Path(name).read_bytes()
    assert predict("tiny.pb", "music", "-o", output).code == 0


def test_a_table_that_was_changed_by_hand_is_left_alone(predict: Run, music: Path) -> None:
    predict("tiny.pb", "music", "-o", "a.csv")
    with Path("a.csv").open("a") as file:
        file.write("my,own,row\n")
    before = Path("a.csv").read_bytes()
    ran = predict("tiny.pb", "music", "-o", "a.csv")
    assert (ran.code, Path("a.csv").read_bytes()) == (2, before)
    assert "changed since zoo wrote it" in ran.err


def test_a_table_of_version_0_1_is_left_alone(predict: Run, music: Path) -> None:
    row = {"file": "music/a.wav", "model": "tiny", "settings": {"patch_hop": None}}
    Path("a.jsonl").write_text(json.dumps(row) + "\n")
    before = Path("a.jsonl").read_bytes()
    assert predict("tiny.pb", "music", "-o", "a.jsonl").code == 2
    assert Path("a.jsonl").read_bytes() == before


@pytest.mark.parametrize("text", ["{}\n", "[]\n", "nonsense\n", '{"journal": 2}\n'])
def test_a_journal_of_something_else_is_left_alone(text: str, predict: Run, music: Path) -> None:
    Path("a.csv.journal").write_text(text)
    ran = predict("tiny.pb", "music", "-o", "a.csv")
    assert (ran.code, Path("a.csv.journal").read_text()) == (2, text)
    assert "a.csv.journal is not a journal" in ran.err


def test_a_table_of_many_files_is_not_overwritten_by_one_file(predict: Run, music: Path) -> None:
    predict("tiny.pb", "music", "-o", "a.csv")
    before = Path("a.csv").read_bytes()
    ran = predict("tiny.pb", FILES[0], "-o", "a.csv")
    assert (ran.code, Path("a.csv").read_bytes()) == (2, before)
    assert predict("tiny.pb", FILES[0], "-o", "b.csv").code == 0
    assert predict("tiny.pb", FILES[0], "-o", "b.csv").code == 0, "one file's is written anew"


def test_a_wrong_option_leaves_no_journal_behind(predict: Run, music: Path) -> None:
    assert predict("tiny.pb", "music", "-o", "a.csv", "--patch-hop", 500).code == 2
    assert predict("tiny.pb", "music", "-o", "a.csv").code == 0


def test_files_that_are_not_named_stay_in_the_table(predict: Run, music: Path) -> None:
    predict("tiny.pb", *FILES[1:], "-o", "a.csv")
    predict("tiny.pb", FILES[0], FILES[1], "-o", "a.csv")
    lines = Path("a.csv").read_text().splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == [*FILES[1:], FILES[0]]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_that_could_not_be_put_in_place_is_taken_up_again(
    name: str, predict: Run, music: Path, monkeypatch: pytest.MonkeyPatch, heard: list[str]
) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if Path(target).name == name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    predict("tiny.pb", FILES[0], FILES[1], "-o", name)
    before = content(name)
    for late in ("c.wav", "d.wav", "e.wav"):
        lab.audio(music / late, lab.noise(16000), 16000)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", full)
            assert predict("tiny.pb", "music", "-o", name).code == 7
        assert content(name) == before, "what was there is whole"
    heard.clear()
    assert predict("tiny.pb", "music", "-o", name).code == 0
    assert (heard, content(name) != before) == ([], True)


def test_class_names_stand_once_in_a_journal(predict: Run, music: Path) -> None:
    predict("tiny.pb", "music", "-o", "a.json")
    assert Path("a.json.journal").read_text().count('"loud"') == 1
