from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from predictors.plots.many_files import NAME, ROWS, draw, names, principal


def test_few_files_are_drawn_as_a_matrix_of_cosines() -> None:
    text = draw({"a/low.wav": [1, 0], "a/high.wav": [0, 2], "b/$x_{.wav": [3, 3]}, "tiny", ".svg")
    for word in ("tiny", "3 files, mean embeddings", "cosine similarity", ">low<", "$x_{"):
        assert word in text.decode()
    assert text.decode().count(">0.71<") == 4
    assert text.decode().count(">0.00<") == 2


def test_many_files_are_drawn_as_a_map() -> None:
    random = np.random.default_rng(0)
    spread = random.normal(0, 1, (ROWS + 1, 8)) * [9, 4, 1, 0, 0, 0, 0, 0]
    means = {f"_{'ab'[i % 2]}/{i}.wav": row.tolist() for i, row in enumerate(spread)}
    text = draw(means, "tiny", ".svg").decode()
    for word in ("principal component 1 (8", "principal component 2 (", "of the variance", ">0<"):
        assert word in text
    assert ">_a<" in text and ">_b<" in text, "each folder has its colour"


def test_the_components_are_those_of_the_covariance() -> None:
    rows = np.random.default_rng(1).normal(0, 1, (50, 5)) @ np.diag([5.0, 3, 1, 1, 1]) + 7
    places, shares = principal(rows)
    variances = np.sort(np.linalg.eigvalsh(np.cov(rows.T)))[::-1]
    np.testing.assert_allclose(places.var(axis=0, ddof=1), variances[:2])
    np.testing.assert_allclose(shares, variances[:2] / variances.sum())


@pytest.mark.parametrize("values", [[0.0], [1.0, 2.0]])
def test_files_that_are_all_alike_make_a_picture(values: list[float]) -> None:
    for count in (2, ROWS + 1):
        same = {f"{i}.wav": values for i in range(count)}
        assert draw(same, "tiny").startswith(b"\x89PNG")


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    files = [Path("a/01.wav"), Path("b/01.wav"), Path("b/a long name, " + 20 * "x" + " 02.flac")]
    found = names(files)
    assert found[:2] == ["a/01.wav", "b/01.wav"]
    assert len(found[2]) == NAME and found[2].startswith("a long name, ")
    assert found[2].endswith("xxx 02")
