"""Whether what comes is what was wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.errors import ChecksumError, NetworkError, WrongKindError
from tests.support import misbehaving
from tests.support.downloading import CONTENT, DIGEST, SIZE, download, remains


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
