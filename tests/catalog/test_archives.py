"""Archives of histories: unpacked with distrust, and the models in them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog import archives
from catalog.archives import histories, members
from catalog.errors import IntegrityError
from catalog.record import Record
from tests.support.histories import packed

RECORD = Record(
    {
        "name": "Old ones",
        "zoo": {
            "id": "old",
            "kind": "svm",
            "family": "gaia",
            "license": "CC0-1.0",
            "members": ["mood", "genre"],
            "files": [{"kind": "archive", "urls": ["https://lab.example/old.tar.gz"]}],
        },
    }
)


def test_histories_are_unpacked_wherever_they_lie(tmp_path: Path) -> None:
    files = {"mood.history": b"1", "deep/er/genre.history": b"2", "README": b"3"}
    path = packed(tmp_path / "old.tar.gz", files)
    assert histories(path) == {"mood.history": b"1", "genre.history": b"2"}


def _link(archive: tarfile.TarFile) -> None:
    link = tarfile.TarInfo("mood.history")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive.addfile(link)


def _huge(archive: tarfile.TarFile) -> None:
    member = tarfile.TarInfo("mood.history")
    archive.addfile(member)
    member.size = archives.LARGEST + 1
    assert archive.fileobj
    archive.fileobj.write(member.tobuf())


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (lambda _: None, "holds no history"),
        (_link, "holds no history"),
        (_huge, "far more"),
    ],
)
def test_hostile_archives_are_refused(
    tmp_path: Path, fill: Callable[[tarfile.TarFile], None], said: str
) -> None:
    with tarfile.open(tmp_path / "old.tar", "w") as archive:
        fill(archive)
    with pytest.raises(IntegrityError, match=said):
        histories(tmp_path / "old.tar")


def test_names_that_lead_elsewhere_lose_their_folders(tmp_path: Path) -> None:
    path = packed(tmp_path / "old.tar.gz", {"../../evil.history": b"1", "/etc/x.history": b"2"})
    assert histories(path) == {"evil.history": b"1", "x.history": b"2"}


def test_two_histories_of_one_name_and_damaged_archives_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "old.tar.gz", {"a/mood.history": b"1", "b/mood.history": b"2"})
    with pytest.raises(IntegrityError, match=r"holds mood\.history twice"):
        histories(path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(IntegrityError, match="damaged"):
        histories(path)
    path.write_bytes(b"<!doctype html>")
    with pytest.raises(IntegrityError, match="damaged"):
        histories(path)


def test_the_models_of_an_archive_are_named_behind_it() -> None:
    found = list(members(RECORD, None))
    assert [model.full_name for model in found] == ["old/mood", "old/genre"]
    assert {(model.kind, model.family, model.license) for model in found} == {
        ("svm", "gaia", "CC0-1.0")
    }
