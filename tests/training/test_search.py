"""Cross-validation, and searches that go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training import search
from training.embeddings import Embeddings
from training.finished import Finished
from training.grids import grid
from training.problem import Problem
from training.scores import Scores

Make = Callable[..., Problem]

STANDARDISED = {"preprocessing": "standardised", "C": 0, "balance_classes": False}


def test_each_file_is_judged_by_scikit_learn_trained_on_the_patches_of_the_others(
    problem: Make,
) -> None:
    made = problem("linear")
    found = made.predicted(STANDARDISED)
    rows, file = made.embeddings.rows.astype(float), made.embeddings.file
    for fold in range(3):
        taught = made.folds[file] != fold
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(rows[taught], made.labels.targets[file[taught]])
        for index in np.flatnonzero(made.folds == fold):
            said = model.predict_proba(rows[file == index]).mean(axis=0)
            np.testing.assert_allclose(found[index], said, atol=1e-3)


@pytest.mark.parametrize("learner", ["linear", "mlp"])
def test_preprocessing_does_not_know_the_files_that_are_judged(problem: Make, learner: str) -> None:
    settings = grid("quick", learner, "classification", "normalised")[0]  # type: ignore[arg-type]
    made = problem(learner)
    before = made.predicted(settings)
    rows = made.embeddings.rows.copy()
    first = made.folds[0]
    rows[made.embeddings.file == 0] *= 1000
    after = replace(made, embeddings=Embeddings(rows, made.embeddings.counts)).predicted(settings)
    others = (made.folds == first) & (np.arange(len(made.folds)) > 0)
    np.testing.assert_array_equal(after[others], before[others])
    assert np.abs(after[made.folds != first] - before[made.folds != first]).max() > 0.002


def test_labels_that_mean_nothing_are_not_learned(problem: Make) -> None:
    made = problem("linear")
    noise = np.random.default_rng(2).normal(0, 1, made.embeddings.rows.shape).astype(np.float32)
    lost = replace(made, embeddings=Embeddings(noise, made.embeddings.counts))
    best = search.search(lost, [STANDARDISED], Finished(Path("nowhere"), ""))
    assert best[0].scores.decisive("classification") < 0.6


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_files_that_are_pooled_are_learned_from_as_one_row_and_judged_by_their_patches(
    problem: Make,
) -> None:
    made = problem("linear", pooled=True)
    assert len(made.taught.rows) == len(made.labels)
    steps, _ = made.trained(STANDARDISED)
    assert steps[0](made.embeddings.means().rows).mean() == pytest.approx(0, abs=1e-5)
    single = problem("linear", pooled=False)
    assert not np.array_equal(made.predicted(STANDARDISED), single.predicted(STANDARDISED))


def test_an_interrupted_search_goes_on_with_what_is_left(
    problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, kept = problem("linear"), Path("search.jsonl")
    combinations = grid("quick", "linear", "classification", "none")
    whole = search.search(made, combinations, Finished(Path("other.jsonl"), made.digest))
    finished = Finished(kept, made.digest)
    add = finished.add

    def press(settings: dict[str, object], found: Scores) -> None:
        add(settings, found)
        if kept.read_bytes().count(b"\n") == 4:  # three, and a header
            raise KeyboardInterrupt

    monkeypatch.setattr(finished, "add", press)
    with pytest.raises(KeyboardInterrupt):
        search.search(made, combinations, finished)
    kept.write_bytes(kept.read_bytes() + b'{"settings": {"C"')  # as a kill leaves it
    judged: list[int] = []
    fold = Problem.fold
    monkeypatch.setattr(
        Problem, "fold", lambda self, n, chunk: judged.append(len(chunk)) or fold(self, n, chunk)
    )
    again = search.search(made, combinations, Finished(kept, made.digest))
    assert again == whole
    assert sum(judged) == (len(combinations) - 3) * 3
    known = Finished(kept, made.digest)
    assert all(known.scores(settings) for settings in combinations)


def test_what_was_found_of_other_data_is_not_gone_on_with(problem: Make) -> None:
    made = problem("linear")
    Finished(Path("kept"), made.digest).add(STANDARDISED, Scores(accuracy=1))
    assert Finished(Path("kept"), made.digest).scores(STANDARDISED) == Scores(accuracy=1)
    for other in (problem("linear", seed=2), problem("linear", pooled=True), problem("mlp")):
        assert Finished(Path("kept"), other.digest).scores(STANDARDISED) is None


@pytest.mark.slow
def test_several_processes_find_what_one_finds(
    problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, combinations = problem("linear"), grid("quick", "linear", "classification")
    alone = search.search(made, combinations, Finished(Path("one"), made.digest))
    monkeypatch.setattr(search, "SECONDS", 0)
    monkeypatch.setattr(search, "available_cores", lambda: 2)
    begun = []
    workers = search.workers
    monkeypatch.setattr(search, "workers", lambda *given: begun.append(given) or workers(*given))
    together = search.search(made, combinations, Finished(Path("two"), made.digest))
    assert begun and together == alone


def test_of_equal_accuracies_the_one_wins_that_treats_classes_alike_then_the_steadier(
    problem: Make,
) -> None:
    found = [
        Scores(accuracy=a, accuracy_std=s, normalized_accuracy=b)
        for a, b, s in [(0.8, 0.7, 0.1), (0.9, 0.5, 0.1), (0.9, 0.6, 0.3), (0.9, 0.6, 0.2)]
    ]
    assert sorted(found, key=problem("linear").goodness) == found
