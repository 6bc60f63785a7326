"""A real HTTP server on 127.0.0.1 that misbehaves as it is told to."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with the next behaviour of its server, or as a good server does."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        queue = self.server.behaviours
        behaviour = queue.popleft() if queue else self.server.manner
        with suppress(ConnectionError):
            behaviour(self)
        self.close_connection = True

    def content(self) -> bytes | None:
        return self.server.files.get(self.path)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.start(status, **{"Content_Length": str(len(body)), **headers})
        self.wfile.write(body)

    def start(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def wanted(self) -> tuple[int, int]:
        """The status of a good answer, and the first byte that it has."""
        content = self.content() or b""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not asked or self.headers.get("If-Range") not in (None, tag(content)):
            return 200, 0
        first = int(asked[1])
        return (206, first) if first < len(content) else (416, first)

    def log_message(self, format: str, *args: object) -> None:
        pass


def tag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


class Server(ThreadingHTTPServer):
    """Files, how the next requests are answered, and what was asked.

    Attributes
    ----------
    files : dict of str to bytes
        By path.
    behaviours : deque
        One for each of the next requests.
    manner : callable
        How all the others are answered.
    requests : list of (str, dict)
        Path and headers.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.behaviours: deque[Behaviour] = deque()
        self.manner: Behaviour = good
        self.requests: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a killed client is no error here


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def good(handler: Handler) -> None:
    """Serve the file, or the asked part of it."""
    _serve(handler, lambda body: handler.wfile.write(body))


def cut(after: int) -> Behaviour:
    """Announce everything, give some bytes, and hang up."""

    def behave(handler: Handler) -> None:
        _serve(handler, lambda body: handler.wfile.write(body[:after]))
        handler.connection.shutdown(socket.SHUT_RDWR)

    return behave


def slow(piece: int, pause: float) -> Behaviour:
    """Serve a few bytes at a time."""

    def trickle(handler: Handler, body: bytes) -> None:
        for first in range(0, len(body), piece):
            handler.wfile.write(body[first : first + piece])
            time.sleep(pause)

    return lambda handler: _serve(handler, lambda body: trickle(handler, body))


def _serve(handler: Handler, write: Callable[[bytes], object]) -> None:
    content = handler.content()
    if content is None:
        handler.answer(404)
        return
    status, first = handler.wanted()
    if status == 416:
        handler.answer(416, Content_Range=f"bytes */{len(content)}", ETag=tag(content))
        return
    headers = {"Content_Length": str(len(content) - first), "ETag": tag(content)}
    if status == 206:
        headers["Content_Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
    handler.start(status, **headers)
    write(content[first:])


def ignoring_ranges(handler: Handler) -> None:
    """Serve everything, whatever was asked for, and name no version."""
    handler.answer(200, handler.content() or b"")


def unannounced(handler: Handler) -> None:
    """Serve everything without saying how much it will be."""
    handler.start(200)
    handler.wfile.write(handler.content() or b"")


def nothing(handler: Handler) -> None:
    """Never answer."""
    time.sleep(3)


def stalling(after: int) -> Behaviour:
    """Fall silent in the middle."""

    def behave(handler: Handler) -> None:
        _serve(handler, lambda body: handler.wfile.write(body[:after]))
        handler.wfile.flush()
        time.sleep(3)

    return behave


def page(handler: Handler) -> None:
    """Answer 200 with an HTML page, as a hotel's network does."""
    handler.answer(200, b"<!DOCTYPE html>\n<html><body>Please log in</body></html>")


def status(code: int, **headers: str) -> Behaviour:
    """Answer with a status and no file."""
    return lambda handler: handler.answer(code, b"sorry", **headers)


def redirect(to: str) -> Behaviour:
    return status(302, Location=to)


def other_content(content: bytes, **headers: str) -> Behaviour:
    """Answer a request for the rest with the rest of another file, as if it were the same."""

    def behave(handler: Handler) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        span = f"bytes {first}-{len(content) - 1}/{len(content)}"
        handler.answer(206, content[first:], Content_Range=span, **headers)

    return behave


def packed(handler: Handler) -> None:
    handler.answer(200, b"\x1f\x8b not really", Content_Encoding="gzip")
