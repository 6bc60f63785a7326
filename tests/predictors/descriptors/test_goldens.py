"""What Gaia itself said: real models, and small ones of every step and kernel."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats.gaia import history
from predictors.descriptors.chain import Chain
from predictors.descriptors.steps import applied
from tests.support import SHARED

pytestmark = pytest.mark.shared

GAIA = SHARED / "goldens" / "gaia"
MODELS = [path.stem for path in sorted((SHARED / "models" / "svm").glob("*.history"))]
SMALL = [path.stem for path in sorted((GAIA / "tiny").glob("*.history"))]
TOLERANCE = 1e-6


@cache
def document(name: str) -> Any:
    return json.loads((GAIA / name).read_bytes())


@pytest.mark.parametrize("name", MODELS)
def test_real_models_say_what_gaia_says(name: str, shared: Path) -> None:
    chain = Chain(history.read(shared / "models" / "svm" / f"{name}.history"), name)
    expected = document("outputs.json")["outputs"][f"201/{name}"]
    with np.load(GAIA / "vectors.npz") as vectors:
        for pool, told in expected.items():
            given = document(f"pools/{pool}.json")
            answer = chain.answer(given)
            found = dict(zip(chain.classes, answer.activations, strict=True))
            assert answer.label == told["value"], pool
            assert found == pytest.approx(told["all"], abs=TOLERANCE), pool
            place = f"201/{name}/{pool}"
            numbers = chain.vector(given)[0]
            if f"{place}/x" in vectors:
                assert np.array_equal(numbers.astype("f4"), vectors[f"{place}/x"]), pool
            decisions = chain.classifier.svm.decisions(numbers[None])[0]  # type: ignore[union-attr]
            np.testing.assert_allclose(decisions, vectors[f"{place}/dec"], atol=1e-7)
    assert len(expected) >= 6


@pytest.mark.parametrize("name", SMALL)
def test_small_histories_give_what_gaia_gives(name: str) -> None:
    chain = Chain(history.read(GAIA / "tiny" / f"{name}.history"), name)
    for case in document("tiny/outputs.json")[name]:
        point = applied(chain.steps, chain.point(case["pool"]))
        expected = case["out"]
        if chain.classifier:
            told = chain.classifier.result[1:]
            probabilities = point.values[chain.classifier.probabilities]
            assert point.values[f".{told}"] == (expected.get(told) or expected[f"{told}.value"],)
            for label, value in zip(chain.classes, probabilities, strict=True):
                if f"{told}.all.{label}" in expected:
                    assert value == pytest.approx(expected[f"{told}.all.{label}"], abs=TOLERANCE)
            continue
        assert {name[1:] for name in point.values} == expected.keys()
        for key, value in expected.items():
            got: Any = point.values[f".{key}"]
            if isinstance(got, tuple):
                assert list(got) == np.atleast_1d(value).tolist()
            else:
                np.testing.assert_allclose(got, np.atleast_1d(value), atol=TOLERANCE)
