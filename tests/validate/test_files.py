"""A file beside what records know of it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.record import Record
from catalog.store import sha256_of
from freeze.network_file import NetworkFile
from validate import files


def _record(sha256: str | None = None, size: int = 0, recipe: Any = None) -> Record:
    file = {"kind": "pb", "urls": ["https://x.example/tiny.pb"], "size": size}
    block = {"files": [file | ({"sha256": sha256} if sha256 else {})]}
    return Record({"zoo": block | ({"recipe": recipe} if recipe else {})})


def _told(tagger: Any, record: Record, known: Record | None = None) -> tuple[str, str]:
    checks, _ = files.check(NetworkFile(tagger.path), record, known)
    told = {check.id: check.status for check in checks}
    return told["file-size"], told["file-digest"]


def test_another_content_than_that_of_the_record_fails(tagger: Any) -> None:
    size, sha256 = tagger.path.stat().st_size, sha256_of(tagger.path)
    assert _told(tagger, _record(sha256, size)) == ("passed", "passed")
    assert _told(tagger, _record("0" * 64, size)) == ("passed", "failed")
    assert _told(tagger, _record(sha256, size + 1)) == ("failed", "passed")
    assert _told(tagger, _record(None, size)) == ("passed", "not-applicable")


def test_another_content_than_that_of_the_catalog_is_a_warning(tagger: Any) -> None:
    size, sha256 = tagger.path.stat().st_size, sha256_of(tagger.path)
    own = Record({"zoo": {"id": "tiny"}})
    assert _told(tagger, own, _record(sha256, size)) == ("passed", "passed")
    assert _told(tagger, own, _record("0" * 64, 7)) == ("warned", "warned")
    assert _told(tagger, _record(sha256, size), _record("0" * 64, 7)) == ("passed", "passed")


@pytest.mark.parametrize(("off", "told"), [(0, ("passed", "passed")), (1, ("failed", "passed"))])
def test_what_a_recipe_makes_has_its_digest_and_its_size(
    off: int, told: tuple[str, str], tagger: Any
) -> None:
    size, sha256 = tagger.path.stat().st_size, sha256_of(tagger.path)
    texts = dict.fromkeys(("distribution", "version", "wheel_sha256", "checkpoint", "license"), "")
    recipe = {**texts, "outputs": [], "training_flags": [], "sha256": sha256, "size": size + off}
    assert _told(tagger, _record("0" * 64, size, recipe)) == told
