"""Parts of files: what is resumed, what is started over, and what a full disk keeps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.download.fetch import fetch
from catalog.errors import StorageError
from tests.support import misbehaving
from tests.support.downloading import CONTENT, DIGEST, SIZE, download, leave_half, remains


def test_a_later_run_resumes_with_the_version_it_began(server: Any, url: str, parts: Path) -> None:
    half = leave_half(url, parts, server)
    assert download(url, parts)[1] == CONTENT
    assert [headers["Range"] for _, headers in server.requests] == [f"bytes={half}-"]
    assert server.requests[0][1]["If-Range"] == misbehaving.tag(CONTENT)


def test_a_file_that_changed_meanwhile_is_started_over(server: Any, url: str, parts: Path) -> None:
    leave_half(url, parts, server, sha256=())
    server.files["/m.pb"] = changed = CONTENT[::-1]
    assert download(url, parts, sha256=())[1] == changed
    assert len(server.requests) == 1  # If-Range made it answer 200 with everything


@pytest.mark.parametrize("named", [True, False])
def test_the_rest_of_another_version_is_not_appended(
    server: Any, url: str, parts: Path, named: bool
) -> None:
    leave_half(url, parts, server)
    other = CONTENT[::-1]
    headers = {"ETag": misbehaving.tag(other)} if named else {}
    server.behaviours.append(misbehaving.other_content(other, **headers))
    assert download(url, parts)[1] == CONTENT
    assert len(server.requests) == 2


def test_the_rest_from_another_place_than_asked_is_not_appended(
    server: Any, url: str, parts: Path
) -> None:
    leave_half(url, parts, server)
    server.behaviours.append(
        misbehaving.status(
            206, Content_Range=f"bytes 0-{SIZE - 1}/{SIZE}", ETag=misbehaving.tag(CONTENT)
        )
    )
    assert download(url, parts)[1] == CONTENT


def test_a_server_that_ignores_ranges_is_started_over(server: Any, url: str, parts: Path) -> None:
    leave_half(url, parts, server)
    server.manner = misbehaving.ignoring_ranges
    assert download(url, parts, size=SIZE)[1] == CONTENT


def test_without_digest_and_version_nothing_is_resumed(server: Any, url: str, parts: Path) -> None:
    leave_half(url, parts, server, sha256=())
    for state in parts.glob("*.part.json"):
        state.unlink()
    assert download(url, parts, sha256=())[1] == CONTENT
    assert "Range" not in server.requests[0][1]


def test_a_whole_part_needs_no_request(server: Any, url: str, parts: Path) -> None:
    parts.mkdir()
    (parts / f"{DIGEST}.part").write_bytes(CONTENT)
    assert download(url, parts, size=SIZE)[1] == CONTENT
    assert server.requests == []


def test_416_means_that_everything_is_there(server: Any, url: str, parts: Path) -> None:
    parts.mkdir()
    (parts / f"{DIGEST}.part").write_bytes(CONTENT)
    assert download(url, parts)[1] == CONTENT  # the size is not known, so it must be asked for
    assert len(server.requests) == 1


@pytest.mark.parametrize("wrong", [CONTENT + b"more", CONTENT[::-1]])
def test_416_for_something_else_starts_over(
    server: Any, url: str, parts: Path, wrong: bytes
) -> None:
    parts.mkdir()
    (parts / f"{DIGEST}.part").write_bytes(wrong)
    assert download(url, parts)[1] == CONTENT


def test_416_for_a_file_of_another_size_is_not_the_end_of_this_one(
    server: Any, url: str, parts: Path
) -> None:
    leave_half(url, parts, server, sha256=())
    whole, tag = f"bytes */{SIZE}", misbehaving.tag(CONTENT)
    server.behaviours.append(misbehaving.status(416, Content_Range=whole, ETag=tag))
    assert download(url, parts, sha256=())[1] == CONTENT
    assert [("Range" in headers) for _, headers in server.requests] == [True, False]


def test_two_downloads_at_once_do_not_share_a_part(url: str, parts: Path) -> None:
    with fetch([url], parts, sha256=(DIGEST,)) as one, fetch([url], parts, sha256=(DIGEST,)) as two:
        assert one.path != two.path
        assert one.path.read_bytes() == two.path.read_bytes() == CONTENT
    assert remains(parts) == []


def test_what_killed_processes_left_is_removed_when_the_file_is_whole(
    url: str, parts: Path
) -> None:
    parts.mkdir()
    for name in (f"{DIGEST}.1.part", f"{DIGEST}.2.part", f"{DIGEST}.2.part.json"):
        (parts / name).write_bytes(b"{}")
    download(url, parts)
    assert remains(parts) == []


def test_too_full_a_disk_is_told_before_the_download(
    server: Any, url: str, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = catalog.download.fetch.shutil.disk_usage(parts.parent)._replace(free=SIZE - 1)
    monkeypatch.setattr(catalog.download.fetch.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(StorageError, match="too full"):
        download(url, parts)


def test_what_is_there_already_needs_no_further_space(
    server: Any, url: str, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave_half(url, parts, server)
    usage = catalog.download.fetch.shutil.disk_usage(parts.parent)._replace(free=SIZE - left)
    monkeypatch.setattr(catalog.download.fetch.shutil, "disk_usage", lambda folder: usage)
    assert download(url, parts)[1] == CONTENT


def test_a_disk_that_fills_up_keeps_what_came(server: Any, url: str, parts: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from catalog.download.fetch import fetch\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({SIZE // 2}, {SIZE // 2}))\n"
        f"with fetch([{url!r}], Path({str(parts)!r}), sha256=({DIGEST!r},)): pass\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "StorageError" in run.stderr
    assert "full" in run.stderr
    assert (parts / f"{DIGEST}.part").stat().st_size == SIZE // 2
    server.requests.clear()
    assert download(url, parts)[1] == CONTENT
    assert server.requests[0][1]["Range"] == f"bytes={SIZE // 2}-"


def test_a_folder_that_cannot_be_written_is_a_storage_error(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        download(url, tmp_path / "file" / "parts")
