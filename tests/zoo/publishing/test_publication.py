"""A model to publish, before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import NoError, UsageError
from catalog.record import Record
from catalog.store import sha256_of
from freeze.network_file import NetworkFile
from tests.support import lab
from zoo.publishing.publication import Publication
from zoo.publishing.publisher import check


def _publication(id: str, path: Path, **zoo: object) -> Publication:
    return Publication(id, id, Record({"zoo": {"id": id, **zoo}}), NetworkFile(path), ())


def test_names_that_a_disk_may_take_for_one_are_refused(tmp_path: Path) -> None:
    one, other = (_publication(id, tmp_path, license="MIT") for id in ("tiny-1", "Tiny-1"))
    check([one])
    with pytest.raises(UsageError, match="named twice"):
        check([one, other])


def test_a_model_without_a_license_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoError, match="tiny-1 cannot be published"):
        check([_publication("tiny-1", tmp_path)])


def test_a_published_record_names_its_own_file_and_no_recipe(tmp_path: Path) -> None:
    network = lab.Network(tmp_path).path
    made = _publication("tiny-1", network, license="MIT", recipe={}, files=[{"kind": "json"}])
    file = {"kind": "pb", "size": network.stat().st_size, "sha256": sha256_of(network)}
    assert made.record["zoo"] == {"id": "tiny-1", "license": "MIT", "files": [file]}
