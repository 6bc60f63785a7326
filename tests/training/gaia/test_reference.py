"""What the real Gaia made of real descriptors: the same numbers here, to the bit.

``reference.npz`` has some descriptors of 36 pieces of music, of three families of instruments, and
what Gaia 2.4.7 computed of them. All of them, and the other preprocessings, are in the reference
data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.gaia.merging import merged
from training.gaia.preprocessing import FURTHER, LEFT_OUT, preprocessed
from training.gaia.steps import clean, normalize_dimensions, remove
from training.svm import SupportVectors

REFERENCE = Path(__file__).with_name("reference.npz")


def _files(points: dict[str, Any]) -> list[dict[str, Any]]:
    """The descriptors of each piece, as a file has them."""
    count = len(next(iter(points.values())))
    return [{name: values[i].tolist() for name, values in points.items()} for i in range(count)]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    with np.load(REFERENCE) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def files(reference: dict[str, Any]) -> list[dict[str, Any]]:
    prefix = "points/"
    return _files({n.removeprefix(prefix): v for n, v in reference.items() if n.startswith(prefix)})


def _matrix(points: Any) -> tuple[Any, Any]:
    """What a support vector machine reads."""
    points, _ = clean(points)
    points, _ = normalize_dimensions(points)
    return points.rows, points.places


@pytest.mark.parametrize("name", ["basic", "gaussianized"])
def test_some_descriptors_preprocessed(name: str, files: Any, reference: Any) -> None:
    points, _ = preprocessed(merged(files)[0], name)
    rows, places = _matrix(points)
    expected = {n.removeprefix(f"{name}/"): v for n, v in reference.items() if n.startswith(name)}
    assert list(places) == [f".{each}" for each in sorted(expected)]
    for each, values in expected.items():
        np.testing.assert_array_equal(rows[:, places[f".{each}"]], values)


def _agree(learner: SupportVectors, rows: Any, counts: Any, decisions: Any) -> None:
    """Both machines were trained until they were good enough, which is not quite the same."""
    assert list(learner.voting.counts) == list(counts)
    np.testing.assert_allclose(learner.voting.decisions(rows), decisions, atol=1e-3)


@pytest.mark.parametrize("kernel", ["RBF", "poly"])
def test_machines_on_mean_mfccs(kernel: str, files: Any, reference: Any) -> None:
    rows, _ = _matrix(preprocessed(merged(files)[0], "mfcc")[0])
    np.testing.assert_array_equal(rows, reference["mfcc/X"])
    _, targets = np.unique(reference["classes"], return_inverse=True)
    settings = {"kernel": kernel, "C": 3, "gamma": -5, "balance_classes": False}
    learner = SupportVectors(3, settings, seed=1)
    learner.fit(rows, targets)
    found = f"mfcc/{kernel}"
    _agree(learner, rows, reference[f"{found}/counts"], reference[f"{found}/decisions"])


@pytest.fixture(scope="module")
def everything() -> Iterator[tuple[Any, Any, Any]]:
    """All descriptors, without one that Gaia refuses: some of its dimensions are constant."""
    from tests.support import SHARED

    folder = SHARED / "goldens" / "gaia" / "train"
    expected = json.loads((folder / "expected.json").read_text())
    strings = {name: np.array(values) for name, values in expected["strings"].items()}
    with np.load(folder / "points.npz") as points, np.load(folder / "expected.npz") as arrays:
        files = _files(dict(points) | strings)
        points_of_all, _ = merged(files)
        yield remove(points_of_all, ["tonal.chords_histogram"])[0], expected, dict(arrays)


@pytest.mark.shared
@pytest.mark.parametrize("kernel", ["RBF", "poly"])
@pytest.mark.parametrize("name", FURTHER)
def test_all_descriptors(name: str, kernel: str, everything: Any) -> None:
    points, expected, arrays = everything
    run = expected["runs"][f"{name}_{kernel}"]
    points, _ = preprocessed(points, name)
    rows, places = _matrix(points)
    assert list(places) == run["names"]
    tables = {each: dict(enumerate(table)) for each, table in points.layout.tables.items()}
    assert tables == {
        each: {int(number): text for number, text in table.items()}
        for each, table in run["enums"].items()
    }
    if f"{name}/X" in arrays:
        np.testing.assert_array_equal(rows, arrays[f"{name}/X"])
    _, targets = np.unique(expected["classes"], return_inverse=True)
    settings = {"kernel": kernel, "C": 3, "gamma": -5, "balance_classes": run["balanceClasses"]}
    assert (run["C"], run["gamma"]) == (8, 2**-5)
    learner = SupportVectors(3, settings, seed=1)
    learner.fit(rows, targets)
    _agree(learner, rows, run["nr_sv"], arrays[f"{name}_{kernel}/dec"])


@pytest.mark.shared
@pytest.mark.parametrize("name", FURTHER)
def test_what_is_left_out_is_what_gaias_template_leaves_out(name: str, shared: Path) -> None:
    yaml = pytest.importorskip("yaml")
    folder = shared / "goldens" / "gaia" / "train"
    first, *_ = yaml.safe_load((folder / f"prep_{name}.yaml").read_text())
    assert [*LEFT_OUT, "tonal.chords_histogram"] == first["params"]["descriptorNames"]
