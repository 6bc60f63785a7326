"""What a lock must say before it is believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog import lock
from catalog.errors import IntegrityError

FILE = {"kind": "pb", "urls": ["https://x.example/m.pb"], "size": 7, "sha256": "0" * 64}


def _entry(**changes: Any) -> dict[str, Any]:
    return {"id": "m", "source": "official", "files": [FILE], **changes}


def test_a_whole_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "zoo.lock"
    path.write_bytes(lock.to_json([_entry(id="n"), _entry()]))
    assert lock.read(path) == [_entry(), _entry(id="n")]


@pytest.mark.parametrize(
    "changes",
    [
        {"files": []},
        {"files": [{**FILE, "sha256": []}]},
        {"files": [FILE, {key: FILE[key] for key in ("kind", "urls", "size")}]},
        {"source": ""},
        {"files": None},
    ],
)
def test_an_entry_without_all_its_digests_is_refused(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "zoo.lock"
    path.write_bytes(lock.to_json([_entry(**changes)]))
    with pytest.raises(IntegrityError, match="not a lock of this version"):
        lock.read(path)
