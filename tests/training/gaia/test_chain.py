"""The history of a trained classifier."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from freeze.formats.gaia import history
from predictors.descriptors.chain import Chain
from tests.support.descriptors import CLASSES, descriptor_files
from training.gaia.chain import trained
from training.gaia.merging import merged
from training.gaia.preprocessing import FURTHER, preprocessed
from training.gaia.steps import clean, per_dimension
from training.svm import SupportVectors

TARGETS = np.arange(24) % 2


def _settings(preprocessing: str, kernel: str = "RBF") -> dict[str, Any]:
    return {
        **{"preprocessing": preprocessing, "kernel": kernel, "C": 3, "gamma": -3},
        "balance_classes": True,
    }


def _history(settings: dict[str, Any]) -> bytes:
    points, merging = merged(descriptor_files())
    steps = trained(points, TARGETS, settings, "pitch", CLASSES, seed=1)
    return history.serialize([*merging, *steps])


@pytest.mark.parametrize("name", FURTHER)
def test_a_history_that_is_read_says_what_was_trained(name: str) -> None:
    settings = _settings(name)
    chain = Chain(history.parse(_history(settings), "pitch.history"), "pitch.history")
    points, _ = clean(preprocessed(merged(descriptor_files())[0], name)[0])
    learner = SupportVectors(2, settings, seed=1)
    rows = per_dimension(points)(points.rows)
    learner.fit(rows, TARGETS)
    expected = learner.machine.predict(rows)
    answers = [chain.answer(file) for file in descriptor_files()]
    found = np.array([answer.activations for answer in answers])
    np.testing.assert_allclose(found, expected, atol=1e-5)  # as text, rho has six digits
    assert [answer.label for answer in answers] == [CLASSES[i] for i in expected.argmax(axis=1)]


def test_its_steps_are_those_that_gaia_writes() -> None:
    steps = history.parse(_history(_settings("gaussianized", "poly")), "")
    assert [(step.analyzer, step.applier) for step in steps] == [
        *(("remove", "removedesc"), ("fixlength", "fixlengthapplier")),
        *(("remove", "removedesc"), ("enumerate", "enumerateapplier")),
        *(("normalize", "dotproduct"), ("gaussianize", "distribute")),
        *(("select", "selectdesc"), ("cleaner", "removedesc"), ("normalize", "dotproduct")),
        *(("addfield", "addfieldapplier"), ("svmtrain", "svmpredict"), ("select", "selectdesc")),
    ]
    first, *_, machine, last = steps
    assert first.params["descriptorNames"] == (".constant", ".rhythm.beats_position")
    assert machine.params["className"] == "highlevel.pitch"
    assert machine.params["classMapping"] == CLASSES
    assert machine.params["descriptorNames"] == (
        *(".lowlevel.barkbands.mean", ".lowlevel.mfcc.mean", ".rhythm.bpm"),
        *(".tonal.chords_histogram", ".tonal.key_edma.key"),
    )
    assert machine.layout.tables == {".tonal.key_edma.key": ("C", "Eb", "F#")}
    assert (machine.analyzer_params["c"], machine.analyzer_params["gamma"]) == (8, 0.125)
    assert last.params["descriptorNames"] == (".highlevel.pitch", ".highlevel.pitchProbability")


def test_each_step_has_the_layout_that_the_one_before_it_leaves() -> None:
    """Gaia compares them, and refuses a point of another layout."""
    steps = history.parse(_history(_settings("gaussianized")), "")
    for step, following in pairwise(steps):
        names = set(step.params.get("descriptorNames", ()))
        left = {
            "removedesc": step.layout.descriptors.keys() - names,
            "selectdesc": names,
            "addfieldapplier": step.layout.descriptors.keys() | {".highlevel.pitch"},
            "svmpredict": step.layout.descriptors.keys() | {".highlevel.pitchProbability"},
        }.get(step.applier, step.layout.descriptors.keys())
        assert following.layout.descriptors.keys() == left
    sizes = [{each.size for each in step.layout.descriptors.values()} for step in steps]
    assert sizes[0] == sizes[1] == {None} and None not in sizes[2]


def test_a_constant_dimension_is_named_and_counts_for_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO", "zoo"):
        chain = Chain(history.parse(_history(_settings("basic")), ""), "")
    assert "count for nothing: tonal.chords_histogram." in caplog.text
    changed = {**descriptor_files()[0], "tonal.chords_histogram": [7.0, 0, 9.0]}
    same = chain.answer(descriptor_files()[0]).activations
    np.testing.assert_array_equal(chain.answer(changed).activations, same)
