from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import MissingExtraError, UsageError
from predictors.prediction import Prediction


@pytest.fixture
def prediction() -> Prediction:
    activations = np.array([[0.1, 0.9, 0.5], [0.3, 0.7, 0.5]], np.float32)
    return Prediction(activations, np.array([0, 1.488]), ("low", 'high, "loud"', "$mid_{"), "tiny")


def test_top_is_the_highest_mean_first(prediction: Prediction) -> None:
    np.testing.assert_allclose(prediction.mean(), [0.2, 0.8, 0.5])
    assert [name for name, _ in prediction.top(2)] == ['high, "loud"', "$mid_{"]
    assert prediction.top(2)[0][1] == pytest.approx(0.8)
    assert len(prediction.top(99)) == 3


def test_equal_scores_keep_the_order_of_the_classes(prediction: Prediction) -> None:
    even = Prediction(np.ones((1, 3), np.float32), np.zeros(1), ("c", "a", "b"), "tiny")
    assert [name for name, _ in even.top(3)] == ["c", "a", "b"]


def test_a_table_reads_back_as_it_was(prediction: Prediction) -> None:
    stream = io.StringIO(newline="")
    prediction.write_csv(stream)
    head, *rows = csv.reader(io.StringIO(stream.getvalue()))
    assert head == ["time", *prediction.classes]
    numbers = np.array(rows, np.float64)
    assert numbers[:, 0].tolist() == prediction.times.tolist()
    np.testing.assert_array_equal(numbers[:, 1:].astype(np.float32), prediction.activations)


def test_arrays_have_the_names_and_types_that_others_rely_on(prediction: Prediction) -> None:
    arrays = prediction.arrays()
    assert list(arrays) == ["activations", "times", "classes", "model", "layer"]
    assert arrays["activations"].dtype == np.float32
    assert arrays["times"].dtype == np.float64


def test_a_figure_is_drawn_and_written(prediction: Prediction, tmp_path: Path) -> None:
    figure = prediction.plot(tmp_path / "taggram.svg", title="song.wav")
    (axes, _) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ['high, "loud"', "$mid_{", "low"]
    assert "song.wav" in (tmp_path / "taggram.svg").read_text()
    with pytest.raises(UsageError, match=r"must end in \.png, \.svg or \.pdf"):
        prediction.plot(tmp_path / "taggram.gif")


def test_a_data_frame_has_a_row_per_patch(prediction: Prediction) -> None:
    pytest.importorskip("pandas")
    frame = prediction.to_frame()
    assert frame.index.name == "time" and frame.index.tolist() == [0, 1.488]
    assert tuple(frame.columns) == prediction.classes
    np.testing.assert_array_equal(frame.to_numpy(), prediction.activations)


def test_without_pandas_the_error_says_how_to_get_it(
    prediction: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        prediction.to_frame()


def test_a_notebook_shows_bars_and_escapes_names() -> None:
    rows = np.array([[0.25, 0.75]], np.float32)
    page = Prediction(rows, np.zeros(1), ("a---b", "<script>"), "<b>")._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "&lt;b&gt;" in page
    assert page.index("width:150px") < page.index("a: b") < page.index("width:50px")
    assert "1 patch from 0.0 s to 0.0 s" in page


def test_people_read_words_where_names_are_none_and_tables_keep_the_names(tmp_path: Path) -> None:
    rows = np.array([[0.25, 0.75]], np.float32)
    words = {"cla": "classical"}
    found = Prediction(rows, np.zeros(1), ("pop", "cla"), "m", display_names=words)
    assert "classical 0.75, pop 0.25" in repr(found)
    assert "classical" in found._repr_html_()
    found.plot(tmp_path / "bars.svg")
    assert "classical" in (tmp_path / "bars.svg").read_text()
    table = io.StringIO()
    found.write_csv(table)
    assert table.getvalue().splitlines()[0] == "time,pop,cla"
    assert found.top(1) == [("cla", 0.75)]
    assert found.arrays()["classes"] == ["pop", "cla"]


def test_what_is_no_share_has_no_bar(prediction: Prediction) -> None:
    rows = np.array([[-3, 7]], np.float32)
    page = Prediction(rows, np.zeros(1), ("a", "b"), "m", "logits")._repr_html_()
    assert page.count("width:0px") == 2 and "7.000" in page


def test_embeddings_are_counted_not_listed() -> None:
    found = Prediction(
        np.ones((3, 200), np.float32), np.arange(3.0), ("0",) * 200, "m", "embeddings"
    )
    assert repr(found) == "<Prediction of m: 3 patches x 200 embeddings>"
    assert "200 values per patch" in found._repr_html_()


def test_it_says_what_it_is_with_and_without_patches(prediction: Prediction) -> None:
    shown = repr(prediction)
    assert shown.startswith("<Prediction of tiny: 2 patches x 3 classes, high")
    nothing = Prediction(np.ones((0, 2), np.float32), np.zeros(0), ("a", "b"), "m")
    assert "0 patches" in repr(nothing) and "0 patches" in nothing._repr_html_()
