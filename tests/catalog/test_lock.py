"""What a lock must say before it is believed."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from catalog import lock
from catalog.errors import IntegrityError, NotFoundError
from catalog.fields import Origin
from catalog.manifest import Manifest, ManifestFile
from catalog.record import Document

DIGEST = "0" * 64
LAB = Origin("https://lab.example/zoo/catalog.json", "1" * 64)


def _entry(id: str = "m-1", extractor: str | None = None) -> Document:
    """What a lock says of a model that a lab publishes."""
    zoo: dict[str, Any] = {"id": id, "kind": "extractor", "license": "ISC"}
    if extractor:
        zoo |= {"kind": "head", "extractor": {"id": extractor}}
    record = {"name": id, "description": "Hears.", "framework": "none", "zoo": zoo}
    url = f"https://lab.example/zoo/{id}.pb"
    network = ManifestFile(f"{id}.pb", url, 7, DIGEST, "catalog", "", "pb", (url,))
    made = ManifestFile(f"{id}.json", None, 9, "2" * 64, "catalog", "", "json")
    return lock.entry(Manifest(id, "mirror", "ISC", (network, made), record, LAB))


def _written(path: Path, *entries: Document) -> Path:
    path.write_bytes(lock.to_json(entries))
    return path


def test_a_whole_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = _written(tmp_path / "zoo.lock", _entry("n-1", "m-1"), _entry())
    assert lock.read(path) == [_entry(), _entry("n-1", "m-1")]


def test_a_lock_is_the_same_for_the_same_models() -> None:
    entries = [_entry("n-1", "m-1"), _entry()]
    assert lock.to_json(entries) == lock.to_json(reversed(entries))


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"version": 3, "models": []}', "[" * 100_000])
def test_what_is_no_lock_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "zoo.lock"
    with pytest.raises(NotFoundError):
        lock.read(path)
    path.write_text(text)
    with pytest.raises(IntegrityError):
        lock.read(path)


def test_an_entry_is_the_whole_model_again() -> None:
    model = lock.model(_entry())
    assert (model.id, model.origin, model.license) == ("m-1", LAB, "ISC")
    (file,) = model.files
    assert (file.urls, file.sha256) == (("https://lab.example/zoo/m-1.pb",), (DIGEST,))


WRONG: dict[str, Any] = {
    "no files": lambda entry: entry.update(files=[]),
    "files null": lambda entry: entry.update(files=None),
    "no digest": lambda entry: entry["files"][0].pop("sha256"),
    "a list of digests": lambda entry: entry["files"][0].update(sha256=[DIGEST]),
    "no source": lambda entry: entry.update(source=""),
    "no catalog": lambda entry: entry.pop("catalog"),
    "another key": lambda entry: entry.update(run="rm"),
    "another license": lambda entry: entry.update(license="MIT"),
    "another extractor": lambda entry: entry.update(extractor="ears-1"),
    "another id": lambda entry: entry.update(id="other-1"),
    "an id that leads out": lambda entry: entry["record"]["zoo"].update(id="../m"),
    "no record": lambda entry: entry.update(record={}),
    "a recipe of nobody": lambda entry: entry.update(source="recipe"),
    "terminal escapes": lambda entry: entry["record"].update(description="\x1b[2J"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_entry_that_is_not_whole_or_contradicts_itself_is_refused(
    name: str, tmp_path: Path
) -> None:
    entry = deepcopy(_entry())
    WRONG[name](entry)
    path = tmp_path / "zoo.lock"
    path.write_text(json.dumps({"version": lock.VERSION, "models": [entry]}))
    with pytest.raises(IntegrityError, match="not a valid lock"):
        lock.read(path)


def test_a_partial_lock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="names no model"):
        lock.read(_written(tmp_path / "empty.lock"))
    with pytest.raises(IntegrityError) as caught:
        lock.read(_written(tmp_path / "zoo.lock", _entry("n-1", "m-1")))
    assert "m-1, which is missing" in caught.value.why
    with pytest.raises(IntegrityError):
        lock.read(_written(tmp_path / "twice.lock", _entry(), _entry()))


def test_a_lock_of_version_1_says_how_to_make_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "zoo.lock"
    path.write_text('{"version": 1, "models": []}')
    with pytest.raises(IntegrityError) as caught:
        lock.read(path)
    assert f"zoo lock -o {path}" in caught.value.hint
    assert lock.is_lock(path)
