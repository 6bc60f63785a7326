"""``zoo predict x.history``: models that read descriptors, on the command line and in Python."""

from __future__ import annotations

import csv
import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zoo
from catalog.errors import DescriptorError, UsageError
from freeze.formats.gaia import history
from predictors.descriptors import extraction, predictor
from predictors.descriptors.predictor import DescriptorPredictor
from tests.support import histories, lab
from tests.support.histories import POOL

Run = Callable[..., Any]


@pytest.fixture
def mood(predict: Run, tmp_path: Path) -> Run:
    """``mood.history`` and ``song.json`` in the folder of the command."""
    (tmp_path / "mood.history").write_bytes(history.serialize(histories.chain()))
    (tmp_path / "song.json").write_text(json.dumps(POOL))
    return predict


def test_the_classes_are_shown_and_told_as_of_any_model(mood: Run) -> None:
    shown = mood("mood.history", "song.json")
    assert shown.code == 0 and shown.out.splitlines()[0].endswith("1 patch, mood")
    (result,) = mood("mood.history", "song.json", "--json").document["results"]
    assert list(result) == [
        "file", "model", "layer", "classes", "times", "mean", "top", "error",
    ]  # fmt: skip
    assert result["classes"] == ["happy", "sad", "calm"] and result["times"] == [0]
    assert sum(result["mean"]) == pytest.approx(1)


def test_arrays_are_those_of_any_model(mood: Run) -> None:
    assert mood("mood.history", "song.json", "-o", "song.npz").code == 0
    with np.load("song.npz") as arrays:
        assert arrays["activations"].shape == (1, 3) and arrays["activations"].dtype == "f4"
        assert arrays["times"].tolist() == [0] and str(arrays["model"]) == "mood"


def test_a_folder_makes_a_table_with_a_row_for_each_file(mood: Run, tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    (folder / "album").mkdir(parents=True)
    length = {"metadata": {"audio_properties": {"length": 12.5}}}
    (folder / "a.json").write_text(json.dumps({**POOL, **length}))
    (folder / "album" / "b.yaml").write_text("low: {mean: [1, 2, 3], var: 1}\ntonal: {key: C}\n")
    (folder / "c.sig").write_text("low: {mean: [1, 2, 3]}\n")
    ran = mood("mood.history", "songs", "-o", "songs.csv")
    rows = {row["file"]: row for row in csv.DictReader(Path("songs.csv").read_text().splitlines())}
    assert ran.code == 1 and rows.keys() == {"songs/a.json", "songs/album/b.yaml", "songs/c.sig"}
    assert rows["songs/a.json"]["duration"] == "12.5" and rows["songs/a.json"]["happy"]
    assert "low.var, tonal.key" in rows["songs/c.sig"]["error"]


def test_an_unknown_text_is_warned_of_once(mood: Run) -> None:
    for name in ("a.json", "b.json"):
        Path(name).write_text(json.dumps({**POOL, "tonal.key": "Bb"}))
    ran = mood("mood.history", "a.json", "b.json")
    assert ran.code == 0 and ran.err.count("does not know 'Bb' in tonal.key") == 1


def test_a_model_of_an_older_extractor_is_said_to_be_one(mood: Run) -> None:
    old = [
        step
        if number
        else histories.step(
            "removedesc",
            history.layout.Layout(
                {
                    **histories.GIVEN.descriptors,
                    ".tonal.key_key": histories.GIVEN.descriptors[histories.KEY],
                }
            ),
            descriptorNames=(".metadata.title", ".tonal.key_key"),
        )
        for number, step in enumerate(histories.chain())
    ]
    Path("mood.history").write_bytes(history.serialize(old))
    Path("song.json").write_text(
        json.dumps({**POOL, "tonal.key_temperley.key": "C", "tonal.key": "Bb"})
    )
    ran = mood("mood.history", "song.json")
    assert "does not give the numbers that its authors had" in ran.err
    assert "does not know" not in ran.err, "Bb is A# here"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("mood.history", "none.json"), 3, "There is no file none.json"),
        (("none.history", "song.json"), 3, "There is no file none.history"),
        (("mood.history", "song.json", "--layer", "embeddings"), 2, "predictions alone"),
        (("broken.history", "song.json"), 5, "broken.history is damaged"),
        (("page.history", "song.json"), 5, "is not a history of Gaia"),
        (("plain.history", "song.json"), 2, "no step that classifies"),
        (("tiny.pb", "mood.history", "--audio", "song.json"), 2, "reads descriptors"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    mood: Run, tiny: Any, words: tuple[str, ...], code: int, said: str
) -> None:
    whole = history.serialize(histories.chain())
    Path("broken.history").write_bytes(whole[:-9])
    Path("page.history").write_bytes(b"<!doctype html>")
    Path("plain.history").write_bytes(history.serialize(histories.chain()[:-1]))
    ran = mood(*words)
    assert (ran.code, said in ran.err) == (code, True), ran.err


def test_audio_goes_through_essentia_whose_license_is_shown_once(
    mood: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []

    def extracted(path: Path, keep: Path | None) -> Mapping[str, Any]:
        kept.append((path.name, keep and str(keep)))
        return POOL

    monkeypatch.setattr(predictor.extraction, "extracted", extracted)
    for name in ("a.wav", "b.wav"):
        lab.audio(Path(name), lab.sine(16000), 16000)
    ran = mood("mood.history", "a.wav", "b.wav", "--keep-descriptors", "kept")
    assert ran.code == 0 and ran.err.count(extraction.LICENSE) == 1
    assert kept == [("a.wav", "kept/a.wav.json"), ("b.wav", "kept/b.wav.json")]


def test_python_asks_of_a_file_or_of_descriptors(mood: Run, tmp_path: Path) -> None:
    model = zoo.load(tmp_path / "mood.history")
    assert isinstance(model, DescriptorPredictor) and repr(model).endswith("mood: 3 classes>")
    told = model.predict(tmp_path / "song.json")
    nested = {"low": {"mean": POOL["low.mean"], "var": 2}, "tonal": {"key": "A#"}}
    assert model.predict(nested).top() == told.top()
    with (tmp_path / "song.json").open("rb") as file:
        assert model.predict(file).top() == told.top()
    assert model.predict(json.dumps(nested).encode()).top() == told.top()
    assert pickle.loads(pickle.dumps(model)).predict(POOL).top() == told.top()
    both = zoo.load_many([tmp_path / "mood.history"]).predict(tmp_path / "song.json")
    assert both["mood"].top() == told.top()


def test_python_refuses_what_is_no_descriptors(mood: Run, tmp_path: Path) -> None:
    model = zoo.load(tmp_path / "mood.history")
    with pytest.raises(DescriptorError, match="2 of the 3"):
        model.predict({"low.mean": [1, 2, 3]})
    with pytest.raises(DescriptorError, match="holds no descriptors"):
        model.predict(b"RIFF")
    with pytest.raises(UsageError, match="reads descriptors"):
        model.predict(np.zeros(100, np.float32))
    with pytest.raises(UsageError, match="no embeddings"):
        model.embed(POOL)
    with pytest.raises(UsageError, match="no stream"):
        model.stream()


def test_a_pattern_of_descriptor_files_is_no_pattern_of_models(mood: Run) -> None:
    ran = mood("mood.history", "so*.json", "--json")
    assert [row["file"] for row in ran.document["results"]] == ["song.json"]
