"""The combinations that are tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.errors import UsageError
from training.grids import QUICK, grid


@pytest.mark.parametrize("learner", QUICK)
def test_quick_grids_have_tens_of_different_combinations(learner: Any) -> None:
    found = grid("quick", learner, "classification")
    assert 10 <= len(found) < 100
    assert all(each.keys() == QUICK[learner].keys() for each in found)
    assert len({repr(each) for each in found}) == len(found)


def test_the_grid_of_gaia_has_its_kernels_strengths_and_balances() -> None:
    assert len(grid("gaia", "svm", "classification", "normalised")) == 2 * 9 * 8 * 2
    with pytest.raises(UsageError, match="no settings of mlp"):
        grid("gaia", "mlp", "classification")


def test_a_file_has_lists_of_values_and_single_ones(tmp_path: Path) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text("preprocessing: [none, normalised]\nalpha: [0.1, 1]\nlearning_rate: 0.003\n")
    found = grid(str(path), "mlp", "classification")
    assert len(found) == 4 and {each["learning_rate"] for each in found} == {0.003}
    path.write_text("- alpha: 0.5\n- alpha: 0.25\n  learning_rate: 0.01\n")
    assert [each["alpha"] for each in grid(str(path), "mlp", "regression")] == [0.5, 0.25]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("C: 3", "setting C that mlp has not"),
        ("alpha: -1", "alpha -1"),
        ("alpha: [yes]", "alpha True"),
        ("preprocessing: normal", "preprocessing normal"),
        ("alpha: .nan", "alpha nan"),
        ("[1, 2]", "not a grid"),
        ("just words", "not a grid"),
    ],
)
def test_a_file_that_is_no_grid_of_the_learner_is_told(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        grid(str(path), "mlp", "classification")


def test_a_grid_of_an_unknown_name_is_told() -> None:
    with pytest.raises(UsageError, match="no grid quicker"):
        grid("quicker", "mlp", "classification")
