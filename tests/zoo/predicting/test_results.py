from __future__ import annotations

import json

import numpy as np
import pytest

from predictors.decoders import pitch, tempo
from predictors.prediction import Prediction
from zoo.cli.bars import show
from zoo.predicting.results import Result


def result(prediction: Prediction) -> Result:
    layer = prediction.layer
    return Result("a.wav", "m", layer, 3.0, prediction=prediction, top=prediction.top(2))


@pytest.fixture
def beat() -> Prediction:
    activations = np.zeros((1, 256), np.float32)
    activations[0, 90] = 0.75
    found = tempo.decode(activations, np.array([True]))
    return Prediction(activations, np.zeros(1), tempo.CLASSES, "m", decoded=found)


def test_tempo_is_told_in_beats(beat: Prediction, capsys: pytest.CaptureFixture[str]) -> None:
    show([result(beat)])
    assert capsys.readouterr().out.splitlines()[1] == "  120 BPM (confidence 0.75)"


def test_json_has_the_tempo_beside_the_keys_of_every_result(beat: Prediction) -> None:
    row = json.loads(json.dumps(result(beat).to_json()))
    assert {"file", "model", "layer", "classes", "times", "mean", "top", "error"} < row.keys()
    assert row["tempo"]["bpm"] == 120
    assert row["top"][0] == {"class": "120 BPM", "score": 0.75}


def test_json_has_the_pitch_of_every_frame(capsys: pytest.CaptureFixture[str]) -> None:
    activations = np.zeros((2, 360), np.float32)
    activations[0, 228] = 1
    found = pitch.decode(activations, np.array([True, False]))
    told = result(Prediction(activations, np.arange(2) / 100, pitch.CLASSES, "m", decoded=found))
    row = json.loads(json.dumps(told.to_json()))
    assert row["pitch"]["frequencies"] == pytest.approx([440, 0], rel=0.01)
    assert row["pitch"]["confidences"] == [1, 0]
    show([told])
    assert "A4, " in capsys.readouterr().out


def test_a_genre_and_its_style_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    classes = ("Electronic---Deep House", "Rock---Shoegaze")
    rows = np.array([[0.25, 0.75]], np.float32)
    told = result(Prediction(rows, np.zeros(1), classes, "m"))
    show([told])
    assert "Rock: Shoegaze" in capsys.readouterr().out
    assert told.to_json()["classes"] == list(classes)
