"""Single checks of a record, by itself and beside the catalog's."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.record import Record
from validate import metadata
from validate.record import CheckedRecord


def _checked(known: dict[str, Any] | None = None, **document: Any) -> CheckedRecord:
    return CheckedRecord(Record(document), "tiny", None if known is None else Record(known))


def _schema(*outputs: dict[str, Any], shape: list[int] | None = None) -> dict[str, Any]:
    inputs = [{"name": "input", "type": "float", "shape": shape}] if shape else []
    return {"inputs": inputs, "outputs": [{"type": "float", **output} for output in outputs]}


@pytest.mark.parametrize(
    ("metrics", "status", "expected"),
    [
        ({"ROC-AUC": 0.9, "R2": -0.5}, "passed", None),
        ({"ROC-AUC": 1, "PR-AUC": 0, "R2": -1}, "passed", None),
        ({"ROC-AUC": 90.5}, "failed", "ROC-AUC 0.905"),
        ({"R2": -50}, "failed", "R2 -0.5"),
        ({"Accuracy": 100}, "failed", "Accuracy 1"),
        ({"Accuracy": -100}, "failed", "Accuracy -1"),
        ({"Accuracy": 9050}, "failed", "Accuracy, a fraction"),
        ({"mood": {"Accuracy": 88}}, "failed", "mood Accuracy 0.88"),
        ({"Mean Absolute Error": 2.5, "test loss": 7, "Distance": -3}, "passed", None),
        ({"ROC-AUC": "0.9"}, "warned", "numbers"),
        ({}, "not-applicable", None),
    ],
)
def test_percentages_among_metrics_are_told_as_fractions(
    metrics: dict[str, Any], status: str, expected: str | None
) -> None:
    check = metadata.metrics(_checked(dataset={"metrics": metrics}))
    assert (check.status, check.expected) == (status, expected)


@pytest.mark.parametrize(
    ("link", "id", "status"),
    [
        ("https://x.example/tiny.pb", "tiny", "passed"),
        ("https://x.example/tiny.tar.gz", "tiny", "passed"),
        ("https://x.example/tiny2.pb", "tiny", "failed"),
        ("https://x.example/tiny.pb", "other", "failed"),
        ("", "tiny", "passed"),
    ],
)
def test_link_and_id_must_be_those_of_the_file(link: str, id: str, status: str) -> None:
    assert metadata.identity(_checked(link=link, zoo={"id": id})).status == status


@pytest.mark.parametrize(
    ("names", "status"),
    [(["a", "b"], "passed"), (["a", " "], "failed"), (["a", "a"], "failed"), ([], "failed")],
)
def test_class_names_say_something_each(names: list[str], status: str) -> None:
    assert metadata.classes(_checked(classes=names)).status == status


@pytest.mark.parametrize(
    ("purposes", "status"),
    [
        (["predictions", "embeddings"], "passed"),
        (["embeddings"], "passed"),
        (["predictions", "predictions"], "failed"),
        (["predictions", "embeddings", "embeddings"], "failed"),
        (["logits"], "failed"),
    ],
)
def test_a_purpose_belongs_to_one_output(purposes: list[str], status: str) -> None:
    outputs = [{"name": f"y{i}", "output_purpose": each} for i, each in enumerate(purposes)]
    assert metadata.purposes(_checked(schema=_schema(*outputs))).status == status


@pytest.mark.parametrize(
    ("shape", "status"),
    [([1, 2], "passed"), (["batch_size", "n_classes"], "passed"), ([1, 3], "failed")],
)
def test_predictions_are_as_wide_as_there_are_classes(shape: list[Any], status: str) -> None:
    output = {"name": "y", "shape": shape, "output_purpose": "predictions"}
    assert metadata.width(_checked(schema=_schema(output), classes=["a", "b"])).status == status


@pytest.mark.parametrize(
    ("ours", "status"), [([187, 96], "passed"), ([96, 187], "warned"), ([187, 48], "failed")]
)
def test_shapes_are_those_of_the_catalog_and_axes_in_another_order_a_warning(
    ours: list[int], status: str
) -> None:
    checked = _checked({"schema": _schema(shape=[187, 96])}, schema=_schema(shape=ours))
    assert metadata.width(checked).status == status


def test_a_license_may_be_known_from_the_catalog() -> None:
    assert metadata.license(_checked()).status == "warned"
    assert metadata.license(_checked({})).status == "warned"
    assert metadata.license(_checked(zoo={"license": "MIT"})).status == "passed"
    assert metadata.license(_checked({"zoo": {"license": "MIT"}})).status == "passed"


def test_stale_links_of_a_model_and_of_its_extractor_are_warned_of() -> None:
    link, old = "https://x.example/tiny.pb", "https://old.example/tiny.pb"
    assert metadata.link(_checked({"link": link}, link=link)).status == "passed"
    assert metadata.link(_checked({"link": link}, link=old)).status == "warned"
    assert metadata.link(_checked({}, link=old)).status == "not-applicable"
    read = {"model_name": "msd-musicnn-1", "link": old}
    told = metadata.link(_checked({"link": link}, link=link, inference={"embedding_model": read}))
    assert (told.status, told.found) == ("warned", old)


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2026-01-31", "passed"),
        ("2999-01-01", "warned"),
        ("07/02/2023", "failed"),
        (20230207, "failed"),
        (None, "failed"),
    ],
)
def test_a_date_is_told_by_what_is_wrong_with_it(day: object, status: str) -> None:
    assert metadata.release_date(_checked(release_date=day)).status == status


@pytest.mark.parametrize(
    ("zoo", "catalog", "status"),
    [
        ({}, "lab", "warned"),
        ({}, None, "failed"),
        ({"classes_certainty": "own-metadata"}, "lab", "passed"),
        ({"classes_certainty": "own-metadata"}, None, "passed"),
        ({"classes_certainty": "authors-code"}, None, "failed"),
        ({"corrections": [{"classes": ["a", "b"], "until": "2026-05-04"}]}, "lab", "passed"),
        ({"corrections": [{"classes": ["a", "b"], "until": "2026-05-04"}]}, None, "passed"),
    ],
)
def test_authors_may_correct_the_order_that_they_published(
    zoo: dict[str, Any], catalog: str | None, status: str
) -> None:
    corrected = Record({"classes": ["b", "a"], "zoo": {"id": "m-1", **zoo}})
    published = Record({"classes": ["a", "b"], "zoo": {"id": "m-1"}}, catalog)
    assert metadata.class_order(CheckedRecord(corrected, "m-1", published)).status == status
