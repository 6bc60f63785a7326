"""A history as a function: what it needs, what it says, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import DescriptorError, IntegrityError, ZooError
from freeze.formats.gaia import history
from predictors.descriptors.chain import Chain
from tests.support import fuzzing, histories
from tests.support.histories import POOL


@pytest.fixture
def chain() -> Chain:
    return Chain(histories.chain(), "mood.history")


def test_only_what_reaches_the_classifier_is_needed(chain: Chain) -> None:
    assert [*chain.needed] == [".low.mean", ".low.var", ".tonal.key"]


def test_the_numbers_stand_in_the_stored_order(chain: Chain) -> None:
    numbers, unknown = chain.vector(POOL)
    scaled = [
        0.5 * 0.5 + 0.25,
        0.25 * 1.5,
        1.125,
        np.float32(2) * np.float32(0.1) + np.float32(0.2),
    ]
    assert numbers.tolist() == [*scaled, 1] and not unknown


def test_the_probabilities_are_those_of_the_classes_by_their_names(chain: Chain) -> None:
    answer = chain.answer(POOL)
    assert chain.classes == ("happy", "sad", "calm")
    assert answer.activations.sum() == pytest.approx(1)
    assert answer.label == chain.classes[answer.activations.argmax()]


def test_without_probabilities_the_classes_are_voted_for() -> None:
    last = histories.classifier(histories.NUMBERED, probability=False)
    answer = Chain(histories.chain(last), "x").answer(POOL)
    assert sorted(answer.activations) == [0, 0, 1]
    assert answer.label == ("happy", "sad", "calm")[answer.activations.argmax()]


def test_missing_descriptors_are_named(chain: Chain) -> None:
    with pytest.raises(DescriptorError, match="2 of the 3") as raised:
        chain.answer({"low.mean": [1, 2, 3], "metadata.title": "x"})
    assert "low.var, tonal.key" in raised.value.why


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("low.mean", [1, 2], "low.mean has 2 values, but the model takes 3 values"),
        ("low.mean", "C", "low.mean is not the numbers"),
        ("low.mean", [[[1]]], "low.mean is not the numbers"),
        ("low.mean", [[1, 2], [3]], "low.mean is not the numbers"),
        ("tonal.key", 7, "tonal.key is not the text"),
        ("tonal.key", [7], "tonal.key is not the text"),
        ("low.var", float("nan"), "no numbers"),
        ("low.var", None, "no numbers"),
        ("low.var", 1e300, "no numbers"),
    ],
)
def test_what_is_no_descriptor_of_the_model_is_refused_by_name(
    chain: Chain, name: str, value: Any, said: str
) -> None:
    with pytest.raises(DescriptorError, match=said) as raised:
        chain.answer({**POOL, name: value})
    assert name in str(raised.value)


def test_a_matrix_is_its_size_and_its_rows(chain: Chain) -> None:
    assert chain.point({**POOL, "low.mean": [[1, 2]]}).values[".low.mean"].tolist() == [1, 2, 1, 2]


def test_an_unknown_text_is_told_and_counted_anew_every_time(chain: Chain) -> None:
    first = chain.answer({**POOL, "tonal.key": "Bb"})
    assert first.unknown == {"tonal.key": "Bb"}
    chain.answer({**POOL, "tonal.key": "Eb"})
    assert np.array_equal(chain.answer({**POOL, "tonal.key": "Bb"}).activations, first.activations)


def test_a_history_that_contradicts_itself_is_damaged() -> None:
    broken = histories.classifier(histories.NUMBERED, histories.MODEL.replace("nr_class 3", ""))
    with pytest.raises(IntegrityError, match=r"x\.history is damaged"):
        Chain(histories.chain(broken), "x.history")


@pytest.mark.slow
@fuzzing.examples(100)
@given(data=st.data())
def test_a_damaged_history_is_asked_or_refused(data: st.DataObject) -> None:
    whole = history.serialize(histories.chain())
    try:
        chain = Chain(history.parse(data.draw(fuzzing.damaged(whole)), "x"), "x")
        json.dumps(list(chain.needed))
        if chain.classifier:
            chain.answer(POOL)
    except ZooError as error:
        assert error.exit_code in (1, 5) and error.message
