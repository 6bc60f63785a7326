"""One download against a server that does everything wrong that servers do."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
import catalog.download.server
from catalog.download.fetch import Fetched, fetch
from catalog.download.headers import LONGEST_WAIT
from catalog.errors import (
    ChecksumError,
    IntegrityError,
    NetworkError,
    OfflineError,
    StorageError,
    WrongKindError,
)
from tests.support import misbehaving

CONTENT = bytes(range(256)) * 4096  # 1 MiB
DIGEST = hashlib.sha256(CONTENT).hexdigest()
SIZE = len(CONTENT)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for, and not waited."""
    waits: list[float] = []
    monkeypatch.setattr(catalog.download.fetch, "sleep", waits.append)
    return waits


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    monkeypatch.setattr(catalog.download.server, "STALL", 0.5)


@pytest.fixture
def url(server: Any, quick: None) -> str:
    server.files["/m.pb"] = CONTENT
    return f"{server.url}/m.pb"


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    return tmp_path / "parts"


def download(url: str | list[str], parts: Path, **options: Any) -> tuple[Fetched, bytes]:
    urls = [url] if isinstance(url, str) else url
    options.setdefault("sha256", (DIGEST,))
    with fetch(urls, parts, **options) as fetched:
        return fetched, fetched.path.read_bytes()


def leave_half(url: str, parts: Path, server: Any, **options: Any) -> int:
    """Break a download off for good; return how much of it is left."""
    server.behaviours.extend(
        [
            misbehaving.cut(SIZE // 2),
            *[misbehaving.status(503)] * len(catalog.download.fetch.WAITS),
        ]
    )
    with pytest.raises(NetworkError):
        download(url, parts, **options)
    server.requests.clear()
    (left,) = parts.glob("*.part")
    return left.stat().st_size


def remains(parts: Path) -> list[str]:
    """What is left in the folder beside the locks, which stay."""
    return sorted(path.name for path in parts.iterdir() if path.suffix != ".lock")


def test_a_good_server_needs_one_request(server: Any, url: str, parts: Path) -> None:
    fetched, content = download(url, parts, size=SIZE)
    assert content == CONTENT
    assert (fetched.size, fetched.sha256, fetched.url) == (SIZE, DIGEST, url)
    assert len(server.requests) == 1
    assert remains(parts) == []


def test_progress_ends_at_the_total(url: str, parts: Path) -> None:
    ticks: list[tuple[int, int | None]] = []
    download(url, parts, tick=lambda done, total: ticks.append((done, total)))
    assert ticks[-1] == (SIZE, SIZE)
    assert ticks == sorted(ticks)


@pytest.mark.parametrize("at", [0, 1, 1023, 1024, 65_537, SIZE // 2, SIZE - 1])
def test_a_line_cut_at_any_byte_resumes_from_there(
    server: Any, url: str, parts: Path, at: int
) -> None:
    server.behaviours.append(misbehaving.cut(at))
    _, content = download(url, parts, size=SIZE)
    assert content == CONTENT
    _, headers = server.requests[1]
    assert headers.get("Range") == (f"bytes={at}-" if at else None)
    assert len(server.requests) == 2


def test_a_line_that_is_cut_again_and_again_arrives_as_long_as_it_advances(
    server: Any, url: str, parts: Path
) -> None:
    server.manner = misbehaving.cut(SIZE // 20)
    assert download(url, parts)[1] == CONTENT
    assert len(server.requests) > len(catalog.download.fetch.WAITS) + 1


def test_a_line_that_never_advances_ends_in_an_error(
    server: Any, url: str, parts: Path, slept: list[float]
) -> None:
    server.manner = misbehaving.cut(0)
    with pytest.raises(NetworkError) as caught:
        download(url, parts)
    assert slept == list(catalog.download.fetch.WAITS) == sorted(slept)
    assert "127.0.0.1" in caught.value.message


def test_a_slow_server_is_waited_for(server: Any, url: str, parts: Path) -> None:
    server.manner = misbehaving.slow(SIZE // 8, 0.05)
    assert download(url, parts)[1] == CONTENT
    assert len(server.requests) == 1


def test_a_server_that_falls_silent_is_asked_again_for_the_rest(
    server: Any, url: str, parts: Path
) -> None:
    server.behaviours.append(misbehaving.stalling(1000))
    assert download(url, parts)[1] == CONTENT
    assert server.requests[1][1]["Range"] == "bytes=1000-"


def test_a_server_that_never_answers_ends_in_an_error(server: Any, url: str, parts: Path) -> None:
    server.manner = misbehaving.nothing
    with pytest.raises(NetworkError, match="cannot be reached") as caught:
        download(url, parts)
    assert "timed out" in caught.value.why
    assert len(server.requests) == 1


def test_a_refused_connection_names_the_host(parts: Path, quick: None) -> None:
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:9") as caught:
        download("http://127.0.0.1:9/m.pb", parts)
    assert "refused" in caught.value.why


def test_a_host_that_does_not_exist_is_asked_for_once(parts: Path, slept: list[float]) -> None:
    with pytest.raises(NetworkError, match=r"zoo\.invalid"):
        download("https://zoo.invalid/m.pb", parts)
    assert slept == []


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


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(server: Any, url: str, parts: Path, code: int) -> None:
    server.behaviours.append(misbehaving.status(code))
    assert download(url, parts)[1] == CONTENT


def test_retry_after_is_waited_for_but_not_forever(
    server: Any, url: str, parts: Path, slept: list[float]
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server.behaviours.extend(
        [
            misbehaving.status(429, Retry_After="7"),
            misbehaving.status(503, Retry_After=date),
            misbehaving.status(503, Retry_After="86400"),
            misbehaving.status(503, Retry_After="soon"),
        ]
    )
    assert download(url, parts)[1] == CONTENT
    assert slept[0] == 7
    assert 20 < slept[1] <= 30
    assert slept[2] == LONGEST_WAIT
    assert slept[3] == catalog.download.fetch.WAITS[3]


@pytest.mark.parametrize("code", [401, 403, 404, 410, 206, 416, 304])
def test_a_refusal_is_not_repeated_and_names_status_and_host(
    server: Any, url: str, parts: Path, code: int
) -> None:
    server.manner = misbehaving.status(code)
    with pytest.raises(NetworkError) as caught:
        download(url, parts)
    assert len(server.requests) == 1
    assert f"HTTP {code}" in caught.value.why
    assert "127.0.0.1" in caught.value.message


def test_the_next_address_is_asked_when_one_has_another_file(
    server: Any, url: str, parts: Path
) -> None:
    server.files["/other.pb"] = CONTENT[::-1]
    other = url.rpartition("/")[0] + "/other.pb"
    with fetch([other, url], parts, sha256=[DIGEST]) as fetched:
        assert (fetched.url, fetched.path.read_bytes()) == (url, CONTENT)


def test_the_next_address_is_asked_when_one_has_nothing(server: Any, url: str, parts: Path) -> None:
    server.files["/page.pb"] = b"<html></html>"
    fetched, content = download([f"{server.url}/no.pb", f"{server.url}/page.pb", url], parts)
    assert content == CONTENT
    assert fetched.url == url


def test_a_redirect_is_followed(server: Any, url: str, parts: Path) -> None:
    server.behaviours.append(misbehaving.redirect("/m.pb?elsewhere"))
    server.behaviours.append(misbehaving.redirect(url))
    assert download(f"{server.url}/old.pb", parts)[1] == CONTENT


def test_redirects_without_end_are_an_error(server: Any, url: str, parts: Path) -> None:
    server.manner = misbehaving.redirect("/m.pb")
    with pytest.raises(NetworkError, match="endlessly"):
        download(url, parts)


@pytest.mark.parametrize(
    "to",
    ["http://zoo.invalid/m.pb", "ftp://zoo.invalid/m.pb", "file:///etc/passwd", "//zoo.invalid/"],
)
def test_a_redirect_to_an_unencrypted_address_is_refused_without_asking_it(
    server: Any, url: str, parts: Path, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    asked: list[object] = []
    original = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda name, *rest: (asked.append(name), original(name, *rest))[1]
    )
    server.behaviours.append(misbehaving.redirect(to))
    with pytest.raises(NetworkError, match="redirects to") as caught:
        download(url, parts)
    assert "https" in caught.value.why
    assert set(asked) <= {"127.0.0.1"}


@pytest.mark.parametrize("address", ["http://zoo.invalid/m.pb", "ftp://127.0.0.1/m.pb"])
def test_an_unencrypted_address_is_not_asked(parts: Path, address: str) -> None:
    with pytest.raises(NetworkError, match="is not used"):
        download(address, parts)


@pytest.mark.parametrize("size", [SIZE, None])
def test_too_much_is_refused(server: Any, url: str, parts: Path, size: int | None) -> None:
    server.files["/m.pb"] = CONTENT + b"x"
    for server.manner in (misbehaving.good, misbehaving.unannounced):
        with pytest.raises(ChecksumError):
            download(url, parts, size=size)
        assert remains(parts) == []


def test_more_than_the_known_size_is_not_kept_where_the_server_announces_none(
    server: Any, url: str, parts: Path
) -> None:
    server.files["/m.pb"] = CONTENT + b"x"
    server.manner, kept = misbehaving.unannounced, [0]
    with pytest.raises(ChecksumError, match="size"):
        download(url, parts, size=SIZE, tick=lambda done, total: kept.append(done))
    assert max(kept) <= SIZE


def test_more_than_the_limit_is_refused_before_it_is_read(
    server: Any, url: str, parts: Path
) -> None:
    for server.manner in (misbehaving.good, misbehaving.unannounced):
        with pytest.raises(ChecksumError, match="size") as caught:
            download(url, parts, sha256=(), limit=1000)
        assert "1000 bytes" in caught.value.why
        assert remains(parts) == []


def test_an_announced_size_beyond_the_limit_is_refused_before_a_byte_is_kept(
    server: Any, url: str, parts: Path
) -> None:
    kept: list[int] = []
    server.manner = misbehaving.slow(SIZE // 8, 0.05)
    with pytest.raises(ChecksumError, match="size"):
        download(url, parts, sha256=(), limit=SIZE - 1, tick=lambda done, total: kept.append(done))
    assert kept == []


def test_too_little_is_refused(server: Any, url: str, parts: Path) -> None:
    server.files["/m.pb"] = CONTENT[:-1]
    with pytest.raises(ChecksumError, match="size"):
        download(url, parts, size=SIZE)
    assert remains(parts) == []


def test_another_content_of_the_same_size_is_refused(server: Any, url: str, parts: Path) -> None:
    server.files["/m.pb"] = CONTENT[::-1]
    with pytest.raises(ChecksumError, match="not the expected file") as caught:
        download(url, parts, size=SIZE)
    assert DIGEST in caught.value.why
    assert remains(parts) == []


def test_any_of_several_digests_is_good_and_the_size_is_of_one_of_them(
    url: str, parts: Path
) -> None:
    assert download(url, parts, size=17, sha256=("0" * 64, DIGEST))[1] == CONTENT


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b"\n <!doctype HTML><html>", "HTML"),
        (b"<html lang=en>", "HTML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><html>", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "LFS"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_an_impostor_is_told_by_its_content(
    server: Any, url: str, parts: Path, content: bytes, kind: str, known: bool
) -> None:
    server.files["/m.pb"] = content
    expected = {"size": SIZE, "sha256": (DIGEST,)} if known else {"sha256": ()}
    with pytest.raises(WrongKindError, match=kind):
        download(url, parts, **expected)
    assert remains(parts) == []


def test_a_page_in_the_place_of_the_file_is_told(server: Any, url: str, parts: Path) -> None:
    server.manner = misbehaving.page
    with pytest.raises(WrongKindError, match="HTML page"):
        download(url, parts)


def test_an_answer_that_is_packed_all_the_same_is_refused(
    server: Any, url: str, parts: Path
) -> None:
    server.manner = misbehaving.packed
    with pytest.raises(NetworkError, match="compressed"):
        download(url, parts, sha256=())


def test_offline_asks_nobody(
    server: Any, url: str, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    with pytest.raises(OfflineError):
        download(url, parts)
    assert server.requests == []


def test_a_folder_is_read_with_the_same_care(
    tmp_path: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_OFFLINE", "1")  # a folder is no network
    file = tmp_path / "a folder" / "m.pb"
    file.parent.mkdir()
    file.write_bytes(CONTENT)
    for address in (str(file), file.as_uri()):
        assert download(address, parts, size=SIZE)[1] == CONTENT
    file.write_bytes(CONTENT[1:])
    with pytest.raises(IntegrityError):
        download(str(file), parts, size=SIZE)
    file.unlink()
    with pytest.raises(NetworkError, match="There is no"):
        download(str(file), parts)


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
