"""One download against a server that does everything wrong that servers do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.download.headers import LONGEST_WAIT
from catalog.errors import NetworkError
from tests.support import misbehaving
from tests.support.downloading import CONTENT, DIGEST, SIZE, download, remains


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
