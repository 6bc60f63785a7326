"""Support vector machines as graphs: every runtime computes what NumPy does in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from freeze.analysis.summary import schema_of, summarize
from freeze.classifiers.preprocessing import Gaussianising, Scaling, applied
from freeze.classifiers.svm import Kernel, certainties, coupled
from freeze.classifiers.svm_graph import ROUNDS, svm_graph
from predictors.runtimes.engines import onnxruntime, tensorflow
from predictors.runtimes.openvino_engine import openvino
from tests.support.classifiers import WIDTH, rows, run, svm

STEPS = (
    Scaling(np.full(WIDTH, 1.5), np.full(WIDTH, 0.2)),
    Gaussianising(np.sort(rows(30)[:, :4], axis=0), np.arange(WIDTH) < 4),
)


DECISIONS = "model/decisions"


@pytest.mark.parametrize("kernel", get_args(Kernel))
def test_a_graph_has_the_decisions_of_its_machine(kernel: Kernel) -> None:
    machine, read = svm(kernel), rows()
    found = run(svm_graph(machine, STEPS), read, openvino, DECISIONS)
    np.testing.assert_allclose(found, machine.decisions(applied(STEPS, read)), atol=5e-6)


@pytest.mark.parametrize("degree", [1, 2, 6])
def test_a_polynomial_of_any_degree_has_negative_bases_too(degree: int) -> None:
    machine, read = replace(svm("polynomial"), degree=degree), rows()
    assert (machine.similarities(read) < 0).any() == (degree % 2 == 1)
    found = run(svm_graph(machine), read, openvino, DECISIONS)
    np.testing.assert_allclose(found, machine.decisions(read), atol=5e-6)


@pytest.mark.parametrize("classes", [2, 3, pytest.param(7, marks=pytest.mark.slow)])
def test_a_graph_has_the_probabilities_of_its_machine(classes: int) -> None:
    machine, read = svm(classes=classes), rows()
    found = run(svm_graph(machine), read, openvino)
    np.testing.assert_allclose(found, machine.predict(read), atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 4, 8])
def test_batches_of_few_rows_do_not_crash_a_runtime(count: int) -> None:
    machine, read = svm(classes=2), rows(count)
    found = run(svm_graph(machine, STEPS), read, openvino)
    np.testing.assert_allclose(found, machine.predict(applied(STEPS, read)), atol=2e-6)


def test_a_graph_elects_the_class_that_its_machine_elects() -> None:
    machine, read = svm(classes=4, platt=False), rows()
    found = run(svm_graph(machine), read, openvino)
    np.testing.assert_array_equal(found, machine.predict(read))


def test_a_graph_has_rounds_enough_for_any_pairs() -> None:
    """What libsvm still changes in a later round would be lost."""
    random = np.random.default_rng(5)
    for classes in (2, 3, 8):
        pairs = classes * (classes - 1) // 2
        certain = certainties(random.normal(scale=4, size=(300, pairs)))
        full, few = (coupled(certain, classes, rounds) for rounds in (100, ROUNDS))
        np.testing.assert_array_equal(full, few)


@pytest.mark.tensorflow
@pytest.mark.parametrize("runtime", [tensorflow, onnxruntime])
@pytest.mark.parametrize("platt", [True, False], ids=["probabilities", "votes"])
def test_in_other_runtimes(runtime: Any, platt: bool) -> None:
    machine, read = svm("polynomial", platt=platt), rows()
    found = run(svm_graph(machine, STEPS), read, runtime)
    np.testing.assert_allclose(found, machine.predict(applied(STEPS, read)), atol=2e-6)


def test_its_output_is_found_without_a_record() -> None:
    for machine in (svm(), svm(platt=False), svm(classes=2)):
        summary = summarize(svm_graph(machine, STEPS))
        assert [(each.name, each.purpose) for each in summary.outputs] == [
            ("model/Softmax", "predictions")
        ]
        assert schema_of(summary) == {
            "inputs": [
                {"name": "model/Placeholder", "type": "float", "shape": ["batch_size", WIDTH]}
            ],
            "outputs": [
                {
                    "name": "model/Softmax",
                    "type": "float",
                    "shape": ["batch_size", len(machine.counts)],
                    "op": "Identity",
                    "output_purpose": "predictions",
                }
            ],
        }
        (known,) = summarize(svm_graph(machine), outputs=["model/Softmax"]).outputs
        assert known.purpose == "predictions"
