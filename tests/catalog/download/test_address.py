"""Addresses: several, moved, unencrypted, none, and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.download.fetch import fetch
from catalog.errors import IntegrityError, NetworkError, OfflineError
from tests.support import misbehaving
from tests.support.downloading import CONTENT, DIGEST, SIZE, download


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
