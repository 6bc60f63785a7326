"""A folder of static files over HTTP, for this machine alone."""

from __future__ import annotations

import io
import re
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from catalog.errors import UsageError

LOOPBACK = "127.0.0.1"
IDLE = 30.0
"""Seconds that a connection may be silent."""

CHUNK = 1 << 16
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Handler(SimpleHTTPRequestHandler):
    """Gives files of the server's folder, and nothing that lies elsewhere."""

    server: WebServer
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".bin": "application/octet-stream",
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".mjs": "text/javascript; charset=utf-8",
        ".pb": "application/octet-stream",
        ".wasm": "application/wasm",
        "": "text/plain; charset=utf-8",
    }

    protocol_version = "HTTP/1.1"
    timeout = IDLE
    _left: int | None = None

    def parse_request(self) -> bool:
        """Refuse requests that a page elsewhere sends here under its own name (DNS rebinding)."""
        if not super().parse_request():
            return False
        name = self.headers.get("Host", LOOPBACK)
        if re.sub(r":[0-9]*$", "", name).lower() in (LOOPBACK, "localhost", "[::1]"):
            return True
        self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Answer with the part of a file that is asked for, or else as usual."""
        self._left = None
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        path = self.translate_path(self.path)
        if not asked or not Path(path).is_file() or not any(asked.groups()):
            return super().send_head()
        stat = Path(path).stat()
        modified = self.date_time_string(int(stat.st_mtime))
        if self.headers.get("If-Range", modified) != modified:
            return super().send_head()
        first, last = _part(asked[1], asked[2], stat.st_size)
        if first > last:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{stat.st_size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        file = Path(path).open("rb")  # noqa: SIM115 - closed by whoever is given it
        file.seek(first)
        self._left = last - first + 1
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {first}-{last}/{stat.st_size}")
        self.send_header("Content-Length", str(self._left))
        self.send_header("Last-Modified", modified)
        self.end_headers()
        return file

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file, or as much of it as is asked for."""
        if self._left is None:
            super().copyfile(source, outputfile)
            return
        while self._left and (chunk := source.read(min(self._left, CHUNK))):
            outputfile.write(chunk)
            self._left -= len(chunk)

    def translate_path(self, path: str) -> str:
        """The file that is asked for; what is hidden or leads out of the folder is none."""
        asked = super().translate_path(path)
        steps = unquote(urlsplit(path).path).split("/")
        if "\0" in asked or any(step.startswith(".") for step in steps):
            return ""
        found = Path(asked).resolve()
        if not found.is_relative_to(self.server.folder):
            return ""
        return f"{found}/" if asked.endswith("/") else str(found)

    def list_directory(self, path: str | PathLike[str]) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")  # both: wasm may have threads
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "no-cache")  # what is published again is seen at once
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte that a range means (RFC 9110, 14.1.2); none if first > last."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last or size), size - 1)


class WebServer(ThreadingHTTPServer):
    """Serves a folder to this machine.

    Parameters
    ----------
    folder : Path
    port : int
        0 picks a free port.

    Raises
    ------
    UsageError
        The port cannot be had.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder.resolve()
        try:
            super().__init__((LOOPBACK, port), partial(Handler, directory=str(self.folder)))
        except OSError as error:
            raise UsageError(
                f"Port {port} is in use.",
                why=error.strerror or str(error),
                hint=f"Use any free port: zoo serve {folder} --port 0",
            ) from None

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a browser that closes a connection is no error
