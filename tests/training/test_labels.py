"""What is to be learned, and the folds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catalog.errors import UsageError
from training.folds import folds
from training.labels import Labelled, Labels


def labelled(*labels: str | float, groups: str = "") -> Labels:
    rows = [
        Labelled(f"{index}.wav", (label,), groups[index : index + 1] or None)
        for index, label in enumerate(labels)
    ]
    return Labels.of(rows)


def test_classes_are_sorted_and_counted() -> None:
    labels = labelled("b", "a", "b")
    assert labels.classes == ("a", "b") and labels.targets.tolist() == [1, 0, 1]
    assert labels.counts == {"a": 1, "b": 2} and labels.baseline == 2 / 3


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no files"),
        ([("a", ("x",)), ("b", ("x",))], "All 2 files are of one class, x"),
        ([("a", ("x", "y")), ("b", ("x", "z"))], "Every file has the label x"),
        ([("a", (1.0,)), ("b", (1.0,))], "same number"),
        ([("a", (1.0, 2.0)), ("b", (1.0,))], "several numbers"),
        ([("a", (1.0,)), ("b", (float("nan"),))], "label of b is not a finite number"),
    ],
)
def test_where_there_is_nothing_to_learn_it_is_said(
    rows: list[tuple[str, tuple[str | float, ...]]], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        Labels.of([Labelled(*row) for row in rows])


def test_the_digest_knows_files_and_labels_wherever_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [Labelled("music/a.wav", ("x",)), Labelled("music/b.wav", ("y",))]
    digest = Labels.of(rows).digest(Path())
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    moved = [Labelled(f"../{row.file}", row.labels) for row in rows[::-1]]
    assert Labels.of(moved).digest(Path("..")) == digest
    moved[0] = Labelled("../music/a.wav", ("z",))
    assert Labels.of(moved).digest(Path("..")) != digest


def test_each_fold_has_its_share_of_each_class() -> None:
    labels = labelled(*"aaaaaaaaaabbbbb")
    found = folds(labels, 5, seed=1)
    for number in range(5):
        assert np.bincount(labels.targets[found == number]).tolist() == [2, 1]
    assert folds(labels, 5, seed=1).tolist() == found.tolist()
    assert folds(labels, 5, seed=2).tolist() != found.tolist()


def test_no_group_is_in_two_folds() -> None:
    groups = "ppqqrrstuvppqqrrstuv"
    found = folds(labelled(*"aabb" * 5, groups=groups), 3, seed=1)
    of_groups = {
        group: {f for f, g in zip(found, groups, strict=True) if g == group} for group in groups
    }
    assert all(len(numbers) == 1 for numbers in of_groups.values())
    assert set(found) == {0, 1, 2}


@pytest.mark.parametrize(
    ("labels", "groups", "said", "hint"),
    [
        ("aab", "", "3 files, fewer than the 5 folds", "--folds 3"),
        ("aaaaaabbb", "", "The class b has 3 files", "--folds 3"),
        ("aaaaaab", "", "The class b has 1 file,", "Add files"),
        ("aabb", "ppqq", "2 groups, fewer", "--folds 2"),
        ("aaaaabb", "pqrstuu", "The class b has 1 group,", "Add files"),
    ],
)
def test_too_few_files_for_the_folds_are_told(
    labels: str, groups: str, said: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        folds(labelled(*labels, groups=groups), 5, seed=1)
    assert hint in caught.value.hint
