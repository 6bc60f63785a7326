"""The history of a trained classifier."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from freeze.formats.gaia import history
from predictors.descriptors.chain import Chain
from training.gaia.chain import trained
from training.gaia.merging import merged
from training.gaia.preprocessing import FURTHER, preprocessed
from training.gaia.steps import clean, per_dimension
from training.svm import SupportVectors

CLASSES = ("flat", "sharp")


def _files(count: int = 24) -> list[dict[str, Any]]:
    """Descriptors that all preprocessings find something in; sharp ones are brighter."""
    random = np.random.default_rng(8)
    return [
        {
            "lowlevel.mfcc.mean": random.normal(i % 2, 1, 5).tolist(),
            "lowlevel.mfcc.cov": random.normal(size=(2, 2)).tolist(),
            "lowlevel.barkbands.mean": random.uniform(size=3).tolist(),
            "rhythm.bpm": float(random.uniform(60, 180)),
            "rhythm.beats_position": random.uniform(size=3 + i % 4).tolist(),
            "tonal.key_edma.key": ("C", "Eb", "F#")[i % 3],
            "tonal.thpcp": random.uniform(size=2).tolist(),
            "metadata.version.essentia": "2.1",
            "constant": 3.0,
        }
        for i in range(count)
    ]


TARGETS = np.arange(24) % 2


def _settings(preprocessing: str, kernel: str = "RBF") -> dict[str, Any]:
    return {
        **{"preprocessing": preprocessing, "kernel": kernel, "C": 3, "gamma": -3},
        "balance_classes": True,
    }


def _history(settings: dict[str, Any]) -> bytes:
    points, merging = merged(_files())
    steps = trained(points, TARGETS, settings, "pitch", CLASSES, seed=1)
    return history.serialize([*merging, *steps])


@pytest.mark.parametrize("name", FURTHER)
def test_a_history_that_is_read_says_what_was_trained(name: str) -> None:
    settings = _settings(name)
    chain = Chain(history.parse(_history(settings), "pitch.history"), "pitch.history")
    points, _ = clean(preprocessed(merged(_files())[0], name)[0])
    learner = SupportVectors(2, settings, seed=1)
    rows = per_dimension(points)(points.rows)
    learner.fit(rows, TARGETS)
    expected = learner.machine.predict(rows)
    answers = [chain.answer(file) for file in _files()]
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
        *(".lowlevel.barkbands.mean", ".lowlevel.mfcc.mean", ".rhythm.bpm", ".tonal.key_edma.key"),
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
