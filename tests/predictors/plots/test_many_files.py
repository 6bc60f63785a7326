from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from predictors.plots.many_files import NAME, ROWS, draw, names, picture, principal, told_apart
from predictors.plots.style import words
from tests.support.pictures import Drawn


def test_few_files_are_drawn_as_a_matrix_of_cosines() -> None:
    means = {"a/low.wav": [1, 0], "a/high.wav": [0, 2], "b/$x_{$.wav": [3, 3]}
    text = draw(means, "tiny", ".svg").decode()
    for word in ("tiny", "3 files, mean embeddings", "cosine similarity", ">low<", "$x_{$"):
        assert word in text
    assert text.count(">0.71<") == 4
    with words(means):
        drawn = Drawn(picture(means, "tiny"))
    assert drawn.limits == (-1, 1)
    assert drawn.color(1.4, -0.4) == drawn.mapped(0)
    assert drawn.color(1.4, 0.6) == drawn.mapped(1)


def spread(folders: int) -> dict[str, list[float]]:
    """Files enough for a map, in so many folders."""
    rows = np.random.default_rng(0).normal(0, 1, (ROWS + 5, 8)) * [9, 4, 1, 0, 0, 0, 0, 0]
    return {f"_{'abcdefghijk'[i % folders]}/{i}.wav": row.tolist() for i, row in enumerate(rows)}


def test_many_files_are_drawn_as_a_map() -> None:
    text = draw(spread(2), "tiny", ".svg").decode()
    for word in ("principal component 1 (8", "principal component 2 (", "of the variance", ">0<"):
        assert word in text


def test_each_folder_of_a_map_has_its_colour_and_marker() -> None:
    figure = picture(spread(10), "tiny")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [f"_{c}" for c in "abcdefghij"]
    looks = {
        (tuple(points.get_facecolor()[0]), str(points.get_paths()[0].vertices))  # type: ignore[index, attr-defined]
        for points in figure.axes[0].collections
    }
    assert len(looks) == 10


def test_a_legend_has_the_whole_names_of_the_folders() -> None:
    long = "A name that is longer than a legend beside a map would have room for, " * 3
    folders = [long.strip(), "音楽", "$x_{$"]
    means = {f"{folders[i % 3]}/{i}.wav": row for i, row in enumerate(spread(1).values())}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with words(means):
            figure = picture(means, "tiny")
            Drawn(figure)
    shown = [text.get_text().replace("\n", " ") for text in figure.legends[0].get_texts()]
    assert shown == folders
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1
    assert box.y1 <= figure.axes[0].get_window_extent().y0, "it hides nothing"


def test_folders_of_one_name_are_told_apart_by_those_that_they_lie_in() -> None:
    assert told_apart([Path("x/a"), Path("x/b")]) == ["a", "b"]
    assert told_apart([Path("x/live"), Path("y/live")]) == ["x/live", "y/live"]


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
