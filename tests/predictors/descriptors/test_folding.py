"""A history as a frozen graph: what it holds, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import DescriptorError, UsageError
from catalog.record import Record
from freeze.classifiers.preprocessing import applied
from freeze.classifiers.svm_graph import svm_graph
from freeze.formats import graphdef
from freeze.formats.gaia import history
from predictors.descriptors.chain import Chain
from predictors.descriptors.folding import folded
from predictors.descriptors.row import Row
from predictors.model import Model
from tests.support import SHARED, histories
from tests.support.histories import FIXED, KEY, MEAN, NUMBERED, POOL, VAR, step

TOLERANCE = 1e-4


def row(chain: Chain, path: Path) -> Row:
    """The frozen graph of a history, ready to be asked."""
    made = folded(chain)
    path.write_bytes(graphdef.serialize(svm_graph(made.svm, made.steps)))
    output = {"name": "model/Softmax", "output_purpose": "predictions"}
    block = {"id": path.stem, "descriptors": [each.to_json() for each in made.inputs]}
    document = {"classes": [*chain.classes], "schema": {"outputs": [output]}, "zoo": block}
    return Row(Model(Record(document), path))


def chain(*between: Any) -> Chain:
    """A history with further steps before it adds the class."""
    *steps, adding, last = histories.chain()
    return Chain([*steps, *between, adding, last], "mood.history")


def test_the_row_names_descriptors_in_the_stored_order_with_their_sizes_and_texts() -> None:
    made = folded(chain())
    told = [each.to_json() for each in made.inputs]
    examples = [each.pop("example") for each in told]
    assert told == [
        {"name": MEAN[1:], "size": 3},
        {"name": VAR[1:], "size": 1},
        {"name": KEY[1:], "size": 1, "texts": ["C", "A#", "F"]},
    ]
    assert made.svm.width == 5
    assert [len(each) for each in examples] == [3, 1, 1] and isinstance(examples[2][0], int)


def test_the_example_is_a_row_of_training_about_which_the_classifier_is_least_sure() -> None:
    made = folded(chain())
    example = np.array([number for each in made.inputs for number in each.example])
    rows = made.rows(4)
    np.testing.assert_allclose(applied(made.steps, rows), made.svm.vectors, atol=1e-6)
    sure = made.svm.predict(made.svm.vectors).max(axis=1)
    near = np.abs(made.rows(4) - example).max(axis=1)
    assert near.argmin() == sure.argmin() and near.min() < 0.51  # a text's number is whole


SAMPLES = {f"{MEAN}[0]": [-1.0, 0.0, 1.0], f"{MEAN}[2]": [0.0, 1.0, 2.0], f"{VAR}[0]": [0.1, 0.7]}


@pytest.mark.usefixtures("store_home")
def test_the_graph_says_what_the_history_says(tmp_path: Path) -> None:
    given = chain(step("distribute", NUMBERED, distribution=SAMPLES))
    asked = row(given, tmp_path / "mood.pb")
    for key in ("C", "A#", "F", "Bb"):
        descriptors = {**POOL, "tonal.key": key}
        expected, found = given.answer(descriptors), asked.answer(descriptors)
        assert (found.label, found.unknown) == (expected.label, expected.unknown)
        np.testing.assert_allclose(found.activations, expected.activations, atol=1e-6)
    with pytest.raises(DescriptorError, match="1 of the 3"):
        asked.answer({"low.mean": [1, 2, 3], "low.var": 1})
    with pytest.raises(DescriptorError, match=r"low\.mean has 2 values"):
        asked.answer({**POOL, "low.mean": [1, 2]})
    with pytest.raises(DescriptorError, match="no numbers"):
        asked.answer({**POOL, "low.var": float("inf")})


@pytest.mark.parametrize(
    ("further", "said"),
    [
        (step("renameapplier", NUMBERED, fullName=MEAN, newName="x"), "step 5, renameapplier"),
        (step("addfieldapplier", NUMBERED, real=MEAN[1:]), "step 5, addfieldapplier"),
        (
            step("dotproduct", NUMBERED, coeffs=histories.COEFFICIENTS, applyClipping=True),
            "clips some",
        ),
    ],
)
def test_what_a_graph_cannot_hold_is_refused(further: Any, said: str) -> None:
    with pytest.raises(UsageError, match="cannot become a frozen graph") as raised:
        folded(chain(further))
    assert said in raised.value.why


def test_descriptors_of_any_size_and_vectors_that_are_too_wide_are_refused() -> None:
    *steps, _ = histories.chain()
    loose = history.layout.Layout({**FIXED.descriptors, MEAN: history.layout.Descriptor("real")})
    with pytest.raises(UsageError) as raised:
        folded(Chain([*steps, histories.classifier(loose)], "x"))
    assert "low.mean has any number of values" in raised.value.why
    wide = histories.classifier(NUMBERED, histories.MODEL.replace("1:0.25", "7:0.25"))
    with pytest.raises(UsageError) as raised:
        folded(Chain([*steps, wide], "x"))
    assert "7 wide" in raised.value.why


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.usefixtures("store_home")
@pytest.mark.parametrize("path", sorted((SHARED / "models" / "svm").glob("*.history")), ids=str)
def test_frozen_real_models_say_what_gaia_says(path: Path, tmp_path: Path) -> None:
    chain = Chain(history.read(path), path.stem)
    asked = row(chain, tmp_path / "frozen.pb")
    gaia = SHARED / "goldens" / "gaia"
    expected = json.loads((gaia / "outputs.json").read_bytes())["outputs"][f"201/{path.stem}"]
    for pool, told in expected.items():
        answer = asked.answer(json.loads((gaia / "pools" / f"{pool}.json").read_bytes()))
        assert answer.label == told["value"]
        found = dict(zip(chain.classes, answer.activations, strict=True))
        assert found == pytest.approx(told["all"], abs=TOLERANCE), pool
