from __future__ import annotations

import csv
import io

import numpy as np
import pytest

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
