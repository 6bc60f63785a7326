from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from predictors.decoders import pitch, tempo
from predictors.plots.one_file import draw
from predictors.prediction import Prediction


def prediction(activations: Any, classes: tuple[str, ...], **options: Any) -> Prediction:
    rows = np.array(activations, np.float32)
    return Prediction(rows, np.arange(len(rows)) * 1.5, classes, "tiny", **options)


@pytest.fixture
def tags() -> Prediction:
    return prediction([[0.1, 0.9, 0.5], [0.3, 0.7, 0.5]], ("low", 'high, "loud"', "$mid_{"))


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_a_taggram_is_a_picture(ending: str, start: bytes, tags: Prediction) -> None:
    assert draw(tags, ending).startswith(start)


def test_a_taggram_names_what_it_shows(tags: Prediction) -> None:
    text = draw(tags, ".svg", title="a $x_{ song.mp3").decode()
    for word in ("a $x_{ song.mp3", "tiny", "$mid_{", "time (s)", "activation"):
        assert word in text
    rows = [text.index(word) for word in ("high, ", "$mid_{", "low")]
    assert rows == sorted(rows)


def test_a_long_title_keeps_its_beginning_and_its_end(tags: Prediction) -> None:
    text = draw(tags, ".svg", title="A long name, " + 80 * "x" + " (2014).mp3").decode()
    assert ">A long name, xxx" in text and "xxx (2014).mp3<" in text and 60 * "x" not in text


@pytest.mark.parametrize("patches", [1, 2])
def test_a_picture_shows_no_more_classes_than_can_be_read(patches: int) -> None:
    falling = np.tile(np.linspace(1, 0, 50), (patches, 1))
    text = draw(prediction(falling, tuple(f"c{i}" for i in range(50))), ".svg").decode()
    assert ">c19<" in text and ">c20<" not in text


def test_one_patch_is_drawn_as_bars() -> None:
    text = draw(prediction([[0.25, 0.75]], ("Electronic---House", "b")), ".svg").decode()
    assert "time (s)" not in text
    assert "Electronic: House" in text and ">0.75<" in text


def test_scales_are_drawn_as_curves() -> None:
    text = draw(prediction([[3, 5], [4, 6]], ("valence", "arousal")), ".svg").decode()
    assert "valence (mean 3.50)" in text and "arousal (mean 5.50)" in text
    assert "time (s)" in text and "activation" not in text


def test_tempo_is_drawn_over_time() -> None:
    activations = np.zeros((3, 256), np.float32)
    activations[[0, 1, 2], [90, 90, 95]] = 0.5
    found = tempo.decode(activations, np.array([True, True, True]))
    text = draw(prediction(activations, tempo.CLASSES, decoded=found), ".svg").decode()
    for word in ("tempo (BPM)", "time (s)", "probability", "120 BPM (confidence 0.50)"):
        assert word in text


def test_pitch_is_drawn_over_time() -> None:
    activations = np.zeros((4, 360), np.float32)
    activations[:, 228] = 0.9
    found = pitch.decode(activations, np.ones(4, bool))
    text = draw(prediction(activations, pitch.CLASSES, decoded=found), ".svg").decode()
    for word in ("frequency (Hz)", "time (s)", "confidence", "A4  440"):
        assert word in text


@pytest.mark.parametrize("decode", [tempo.decode, pitch.decode])
def test_silence_makes_an_empty_picture(decode: Any) -> None:
    width = 256 if decode is tempo.decode else 360
    activations = np.zeros((2, width), np.float32)
    found = decode(activations, np.zeros(2, bool))
    classes = tuple(map(str, range(width)))
    assert b"time (s)" in draw(prediction(activations, classes, decoded=found), ".svg")


def test_embeddings_are_drawn_as_the_similarity_of_any_two_moments() -> None:
    found = prediction([[1, 0], [0, 2], [0, 0]], ("0", "1"), layer="embeddings")
    text = draw(found, ".svg").decode()
    assert "cosine similarity" in text and text.count("time (s)") == 2
