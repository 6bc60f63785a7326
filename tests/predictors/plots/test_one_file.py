from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from predictors.decoders import pitch, tempo
from predictors.plots.one_file import draw, picture
from predictors.plots.style import UNKNOWN, words
from predictors.prediction import Prediction
from predictors.predictor import Predictor
from tests.support.pictures import Drawn, rgba

DURATION = 7


def prediction(activations: Any, classes: tuple[str, ...], **options: Any) -> Prediction:
    """Patches of 3 s, half of which is new in each."""
    rows = np.array(activations, np.float32)
    times = np.arange(len(rows)) * 1.5
    options = {"reach": (0, 3), "duration": DURATION} | options
    return Prediction(rows, times, classes, "tiny", **options)


@pytest.fixture
def tags() -> Prediction:
    rows = [[0.1, 0.9, 0.5], [0.3, 0.7, 0.5], [0.2, 0.8, 0.5]]
    return prediction(rows, ("low", 'high, "loud"', "$mid_{$"))


def beats(*bpm: int) -> Prediction:
    activations = np.zeros((len(bpm), 256), np.float32)
    activations[np.arange(len(bpm)), np.array(bpm) - 30] = np.linspace(0.5, 0.8, len(bpm))
    found = tempo.decode(activations, np.ones(len(bpm), bool))
    return prediction(activations, tempo.CLASSES, decoded=found)


def notes() -> Prediction:
    activations = np.zeros((4, 360), np.float32)
    activations[:, 228] = 0.9
    found = pitch.decode(activations, np.ones(4, bool))
    return prediction(activations, pitch.CLASSES, decoded=found, reach=(-0.032, 0.032))


def scales() -> Prediction:
    return prediction([[3, 5], [4, 6]], ("valence", "_$a_{$"))


def moments() -> Prediction:
    return prediction([[1, 0], [0, 2], [-1, 0]], ("0", "1"), layer="embeddings")


def texts(drawn: Drawn) -> list[str]:
    labels = (*drawn.axes.get_xticklabels(), *drawn.axes.get_yticklabels())
    return [label.get_text() for label in labels]


def seen(prediction: Prediction) -> Drawn:
    with words(prediction.classes):
        return Drawn(picture(prediction))


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_a_prediction_becomes_a_picture(ending: str, start: bytes, tags: Prediction) -> None:
    assert draw(tags, ending).startswith(start)


def test_a_taggram_shows_each_patch_around_its_middle(tags: Prediction) -> None:
    drawn = seen(tags)
    edges = [(0, 2.25), (2.25, 3.75), (3.75, 6)]
    for (left, right), loud in zip(edges, (0.9, 0.7, 0.8), strict=True):
        for time in (left + 0.05, right - 0.05):
            assert drawn.color(time, 0) == drawn.mapped(loud)
            assert drawn.color(time, 1) == drawn.mapped(0.5)
    assert drawn.color(6.1, 0) == rgba(UNKNOWN), "nobody listened to the end"


def test_a_change_in_the_audio_is_drawn_where_it_is(predictor: Predictor) -> None:
    audio = np.zeros(30 * 16000, np.float32)
    audio[12 * 16000 :] = np.random.default_rng(0).normal(0, 0.1, 18 * 16000)
    drawn = seen(predictor.predict(audio))
    times = np.arange(0.1, 29, 0.05)
    colors = np.array([drawn.color(time, 0) for time in times], int)
    change = times[np.abs(np.diff(colors, axis=0)).sum(axis=1).argmax()]
    assert abs(change - 12) <= 1.488 / 2 + 0.05


@pytest.mark.parametrize("make", [scales, notes, moments, lambda: beats(120, 120, 125)])
def test_the_axis_of_time_runs_over_the_whole_audio(make: Any) -> None:
    drawn = seen(make())
    assert drawn.axes.get_xlim() == (0, DURATION)
    assert drawn.axes.get_xlabel() == "time"
    assert {"0 s", "7 s"} <= set(texts(drawn))


def test_activations_of_any_file_have_the_same_colours(tags: Prediction) -> None:
    assert seen(tags).limits == (0, 1)
    faint = prediction(np.full((2, 5), 0.01), tuple("abcde"))
    assert seen(faint).limits == (0, 1)


def test_what_is_not_probable_has_the_colours_of_its_own_range() -> None:
    logits = prediction([[-4, 0, 1, 2, 3], [1, 1, 1, 1, 6]], tuple("abcde"), layer="logits")
    assert seen(logits).limits == (-4, 6)


def test_a_taggram_names_what_it_shows(tags: Prediction) -> None:
    text = draw(tags, ".svg", title="a $x_{$ song.mp3").decode()
    for word in ("a $x_{$ song.mp3", "tiny", "$mid_{$", "activation"):
        assert word in text
    rows = [text.index(word) for word in ("high, ", "$mid_{$", "low")]
    assert rows == sorted(rows)


def test_odd_names_are_drawn_without_warnings(tags: Prediction) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = draw(tags, ".svg", title="音楽 $x_1$\n2.mp3").decode()
    assert ">音楽 $x_1$\\n2.mp3<" in text


def test_a_long_title_keeps_its_beginning_and_its_end(tags: Prediction) -> None:
    text = draw(tags, ".svg", title="A long name, " + 80 * "x" + " (2014).mp3").decode()
    assert ">A long name, xxx" in text and "xxx (2014).mp3<" in text and 60 * "x" not in text


@pytest.mark.parametrize("patches", [1, 2])
def test_a_picture_shows_no_more_classes_than_can_be_read(patches: int) -> None:
    falling = np.tile(np.linspace(1, 0, 50), (patches, 1))
    shown = texts(seen(prediction(falling, tuple(f"c{i}" for i in range(50)))))
    assert "c19" in shown and "c20" not in shown


def test_one_patch_is_drawn_as_bars() -> None:
    drawn = seen(prediction([[0.25, 0.75]], ("Electronic---House", "b")))
    assert {"Electronic: House", "b"} <= set(texts(drawn))
    assert [bar.get_width() for bar in drawn.axes.patches] == [0.75, 0.25]  # type: ignore[attr-defined]
    assert drawn.axes.get_xlim() == (0, 1)


def test_scales_are_drawn_as_curves_through_the_middles_of_the_patches() -> None:
    figure = picture(scales())
    valence, arousal = figure.axes[0].lines
    np.testing.assert_allclose(valence.get_xdata(), [1.5, 3])
    np.testing.assert_allclose(valence.get_ydata(), [3, 4])
    np.testing.assert_allclose(arousal.get_ydata(), [5, 6])
    legend = figure.axes[0].get_legend()
    assert legend is not None
    named = [text.get_text() for text in legend.get_texts()]
    assert named == ["valence (mean 3.50)", "_$a_{$ (mean 5.50)"]
    draw(scales())


def test_a_probability_has_an_axis_from_0_to_1() -> None:
    drawn = seen(prediction([[0.2], [0.3]], ("calm",)))
    assert drawn.axes.get_ylim() == (0, 1)


def test_tempo_is_drawn_as_steps_where_the_patches_are() -> None:
    figure = picture(beats(120, 120, 125))
    (steps,) = figure.axes[0].collections
    ends = [path.vertices.tolist() for path in steps.get_paths()]  # type: ignore[attr-defined]
    assert ends == [
        [[0, 120], [2.25, 120]],
        [[2.25, 120], [3.75, 120]],
        [[3.75, 125], [6, 125]],
    ]
    drawn = Drawn(figure)
    assert drawn.limits == (0, 1)
    assert "120 BPM" in texts(drawn)
    text = draw(beats(120, 120, 125), ".svg").decode()
    assert "probability" in text and "120 BPM (confidence 0.57)" in text


def test_pitch_is_drawn_at_the_times_of_the_frames() -> None:
    figure = picture(notes())
    (points,) = figure.axes[0].collections
    np.testing.assert_allclose(np.asarray(points.get_offsets())[:, 0], [0, 1.5, 3, 4.5])
    np.testing.assert_allclose(np.asarray(points.get_offsets())[:, 1], 440, rtol=0.01)
    drawn = Drawn(figure)
    assert drawn.limits == (0, 1)
    assert "A4  440 Hz" in texts(drawn)
    assert figure.axes[1].get_ylabel() == "confidence"


@pytest.mark.parametrize("decode", [tempo.decode, pitch.decode])
def test_silence_makes_an_empty_picture(decode: Any) -> None:
    width = 256 if decode is tempo.decode else 360
    activations = np.zeros((2, width), np.float32)
    found = decode(activations, np.zeros(2, bool))
    classes = tuple(map(str, range(width)))
    drawn = seen(prediction(activations, classes, decoded=found))
    assert drawn.axes.get_xlim() == (0, DURATION)
    assert draw(prediction(activations, classes, decoded=found)).startswith(b"\x89PNG")


def test_embeddings_are_drawn_as_the_similarity_of_any_two_moments() -> None:
    figure = picture(moments())
    drawn = Drawn(figure)
    assert drawn.limits == (-1, 1)
    assert drawn.axes.get_ylim() == (DURATION, 0)
    middles = (1.5, 3, 4.5)
    found = [[drawn.color(x, y) for x in middles] for y in middles]
    alike, neither, opposite = map(drawn.mapped, (1, 0, -1))
    assert found == [
        [alike, neither, opposite],
        [neither, alike, neither],
        [opposite, neither, alike],
    ]
    assert drawn.color(2.2, 1.5) == alike and drawn.color(2.3, 1.5) == neither
    assert figure.axes[1].get_ylabel() == "cosine similarity"
