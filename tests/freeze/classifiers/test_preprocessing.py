"""What is done to rows before a classifier: in NumPy as in a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from freeze.classifiers.dense import dense_graph
from freeze.classifiers.preprocessing import Gaussianising, Scaling, applied, quantiles, ranks_first
from predictors.runtimes.openvino_engine import openvino
from tests.support.classifiers import WIDTH, rows, run

RANDOM = np.random.default_rng(3)
SCALING = Scaling(RANDOM.uniform(0.5, 2, WIDTH), RANDOM.normal(size=WIDTH))
CLIPPING = Scaling(SCALING.scale, SCALING.offset, clipping=True)
GAUSSIANISING = Gaussianising(
    np.sort(RANDOM.normal(size=(40, 4)).astype(np.float32), axis=0), np.arange(WIDTH) % 3 == 1
)


def _ranks(samples: Any, values: Any) -> list[int]:
    """Gaia's search for the rank of values, as its description has it."""
    found = []
    for value in values:
        low, high = 0, len(samples) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if value < samples[middle] else (middle, high)
        rank = 0 if value < samples[0] else len(samples) if value > samples[-1] else high
        found.append(min(max(rank, 1), len(samples) - 1))
    return found


@pytest.mark.parametrize(
    "steps",
    [[SCALING], [CLIPPING], [GAUSSIANISING], [CLIPPING, GAUSSIANISING, SCALING]],
    ids=["scaling", "clipping", "gaussianising", "all"],
)
def test_a_graph_does_what_numpy_does(steps: Any) -> None:
    read = rows()
    graph = dense_graph([(np.eye(WIDTH), np.zeros(WIDTH))], "identity", steps)
    found = run(graph, read, openvino, "model/Identity")
    np.testing.assert_allclose(found, applied(steps, read), atol=1e-6)


def test_ranks_are_those_of_gaias_search() -> None:
    samples = np.array([-2, -1, -1, 0, 0.5, 0.5, 3], np.float32)
    values = np.array([-3, -2, -1.5, -1, -0.5, 0, 0.4, 0.5, 1, 3, 4], np.float32)
    done = Gaussianising(samples[:, None], np.array([True]))(values[:, None])
    table = quantiles(len(samples))
    assert done[:, 0].tolist() == [table[rank] for rank in _ranks(samples, values)]


def test_quantiles_are_finite_odd_and_of_variance_one_half() -> None:
    table = quantiles(1000)
    assert np.isfinite(table).all() and table[0] == table[1] and table[500] == 0
    np.testing.assert_allclose(table, -table[::-1], atol=1e-5)
    assert np.var(table) == pytest.approx(0.5, rel=0.02)


def test_of_very_many_samples_the_outermost_count_as_one() -> None:
    table = quantiles(300_000)
    assert table[0] == table[3] < table[4] and table[-1] == table[-4] > table[-5]


@pytest.mark.parametrize("magnitude", [1e-6, 1, 1e6])
def test_ranks_are_the_same_before_scaling_also_of_the_samples_themselves(magnitude: float) -> None:
    random = np.random.default_rng(5)
    read = (magnitude * random.normal(size=(300, WIDTH))).astype(np.float32)
    read[0] = 0
    scaling = Scaling(SCALING.scale / magnitude, SCALING.offset)
    samples = np.sort(scaling(read[:150])[:, GAUSSIANISING.chosen], axis=0)
    steps = [scaling, Gaussianising(samples, GAUSSIANISING.chosen), SCALING]
    turned = ranks_first(steps)
    assert [type(each) for each in turned] == [Gaussianising, Scaling, Scaling]
    np.testing.assert_array_equal(applied(turned, read), applied(steps, read))


@pytest.mark.parametrize("first", [CLIPPING, Scaling(-SCALING.scale, SCALING.offset)])
def test_what_is_not_rising_stays_before_the_ranks(first: Scaling) -> None:
    steps = [first, GAUSSIANISING]
    assert ranks_first(steps) == steps
