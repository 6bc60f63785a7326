"""Whatever a server answers, a download ends with the file or with a sentence.

``ZOO_FUZZ=N`` tries N answers.
"""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import catalog.download.fetch
import catalog.download.server
from catalog.download.fetch import fetch
from catalog.errors import IntegrityError, NetworkError
from tests.support import fuzzing

pytestmark = pytest.mark.slow

fuzz = fuzzing.examples(300)

CONTENT = bytes(range(256)) * 8
DIGEST = hashlib.sha256(CONTENT).hexdigest()
HALF = len(CONTENT) // 2

NUMBERS = st.sampled_from(
    ["0", "1", "-1", "2048", "1024", "2049", "9" * 17, "9" * 5000, "0x10", "1e9", "", "²", "٣"]
)
DATES = st.sampled_from(
    [
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Sun, 29 Nov 2026 06:00:00 GMT",
        "Mon, 99 Foo 2026 99:99:99 GMT",
        "soon",
    ]
)
PLACES = st.sampled_from(
    [
        "/m.pb",
        "m.pb?again",
        "http://[::1",
        "http://",
        "//",
        "https://x:99999/",
        "http://127.0.0.1:1/m.pb",
        "http://a..b/",
        f"http://127.0.0.1/{'a' * 9000}",
        "file:///etc/passwd",
        "javascript:1",
        "\x1b[2J",
        "http://\xff/",
        "http://127.0.0.1:0/",
        "",
    ]
)
TEXTS = st.text(max_size=20) | st.sampled_from(['"a"', 'W/"a"', '"\x1b"', "\x85", "é" * 70])


@st.composite
def headers(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Headers, some with values that they must not have, some twice."""
    ranges = st.builds("bytes {}-{}/{}".format, NUMBERS, NUMBERS, NUMBERS | st.just("*"))
    values: dict[str, st.SearchStrategy[str]] = {
        "Content-Length": NUMBERS,
        "Content-Range": ranges | TEXTS | st.just("bytes */2048"),
        "Location": PLACES | TEXTS,
        "Retry-After": NUMBERS | DATES | TEXTS,
        "ETag": TEXTS,
        "Last-Modified": DATES | TEXTS,
        "Transfer-Encoding": st.sampled_from(["chunked", "gzip", "identity", ""]),
        "Content-Encoding": st.sampled_from(["gzip", "identity", "br", "", "x"]),
        "Content-Type": st.sampled_from(["text/html", "\x1b"]),
        "Set-Cookie": TEXTS,
    }
    names = draw(st.lists(st.sampled_from(sorted(values)), max_size=5))
    return [(name, draw(values[name])) for name in names]


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """All that comes over a connection."""
    status = draw(
        st.sampled_from([200, 206, 301, 302, 307, 308, 404, 416, 429, 503, 100, 204, 304, 999])
    )
    reason = draw(st.sampled_from(["OK", "", "\x1b[31mred", "a" * 70_000]))
    first = draw(
        st.sampled_from([f"HTTP/1.1 {status} {reason}", f"HTTP/1.0 {status}", "HTTP/9", ""])
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in draw(headers()))
    body = draw(
        st.sampled_from(
            [
                CONTENT,
                CONTENT[HALF:],
                CONTENT[:HALF],
                CONTENT + b"x",
                b"",
                b"<html>no</html>",
                b"-1\r\nx\r\n0\r\n\r\n",
                b"800\r\n" + CONTENT + b"\r\n0\r\n\r\n",
                b"f" * 5000,
            ]
        )
    )
    return f"{first}\r\n{lines}\r\n".encode("utf-8", "replace") + body


class Raw:
    """A server that writes bytes as it is told to, and hangs up."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.answers: list[bytes] = []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/m.pb"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                connection.sendall(self.answers.pop(0) if self.answers else b"")
                connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> Iterator[Raw]:
    monkeypatch.setattr(catalog.download.fetch, "sleep", lambda _: None)
    monkeypatch.setattr(catalog.download.fetch, "WAITS", (0.0,))
    monkeypatch.setattr(catalog.download.server, "STALL", 2.0)
    server = Raw()
    yield server
    server.close()


def test_a_good_answer_is_taken(raw: Raw, tmp_path: Path) -> None:
    raw.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 2048\r\n\r\n" + CONTENT]
    with fetch([raw.url], tmp_path, sha256=[DIGEST]) as fetched:
        assert fetched.path.read_bytes() == CONTENT


@fuzz
@given(data=st.data())
def test_any_answer_ends_with_the_file_or_a_sentence(
    data: st.DataObject, raw: Raw, tmp_path: Path
) -> None:
    raw.answers = data.draw(st.lists(answers(), min_size=1, max_size=4))
    options: Any = data.draw(st.sampled_from([{"sha256": [DIGEST]}, {"size": 2048}, {}]))
    try:
        with fetch([raw.url], tmp_path / "parts", **options) as fetched:
            assert not options.get("sha256") or fetched.path.read_bytes() == CONTENT
    except (NetworkError, IntegrityError) as error:
        assert error.message.isprintable() and error.why.isprintable(), error
