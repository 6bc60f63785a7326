"""A folder of static files over HTTP, for this machine alone."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from catalog.errors import UsageError

LOOPBACK = "127.0.0.1"


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
        self.send_header("Cache-Control", "no-cache")  # what is published again is seen at once
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


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
