"""``zoo serve``: real requests to a real process, and what it does not give away."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from zoo.publishing import webserver

Zoo = Callable[..., Any]
COMMAND = [sys.executable, "-c", "from zoo.cli import main; main()", "serve"]
FILES = {
    "index.html": "text/html; charset=utf-8",
    "catalog.json": "application/json",
    "zoo/zoo.js": "text/javascript; charset=utf-8",
    "zoo/module.mjs": "text/javascript; charset=utf-8",
    "zoo/site/site.css": "text/css; charset=utf-8",
    "zoo/tfjs/backend.wasm": "application/wasm",
    "models/a/a.pb": "application/octet-stream",
    "models/a/tfjs/group1-shard1of1.bin": "application/octet-stream",
    "models/a/index.html": "text/html; charset=utf-8",
    "SHA256SUMS": "text/plain; charset=utf-8",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to serve, beside a file that is nobody's business."""
    above = tmp_path_factory.mktemp("above")
    (above / "secret.txt").write_text("secret")
    folder = above / "site"
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"this is {path}")
    (folder / ".hidden").write_text("secret")
    (folder / "link.txt").symlink_to(above / "secret.txt")
    (folder / "up").symlink_to(above)
    return folder


class Served:
    """A running ``zoo serve``."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, str(folder), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rstrip("/").rpartition(":")[2])

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask for a path exactly as it is written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        read = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return read


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    served = Served(folder)
    yield served
    served.process.kill()
    served.process.communicate()


@pytest.mark.parametrize("path", FILES)
def test_every_file_is_served_as_what_it_is(served: Served, path: str) -> None:
    status, headers, body = served.get(f"/{path}")
    assert (status, body) == (200, f"this is {path}".encode())
    assert headers["content-type"] == FILES[path]
    assert served.get(f"/{path}?v=1#top", "HEAD")[2] == b""


def test_a_folder_gives_its_page(served: Served) -> None:
    assert served.get("/")[2] == b"this is index.html"
    assert served.get("/models/a/")[2] == b"this is models/a/index.html"
    status, headers, _ = served.get("/models/a")
    assert (status, headers["location"]) == (301, "/models/a/")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/%2e%2e/secret.txt", "/models/../../secret.txt", "/..%2fsecret.txt",
        "/models/%2e%2e/%2e%2e/secret.txt", "/..\\secret.txt", "/..%5csecret.txt", "//secret.txt",
        "/link.txt", "/up/secret.txt", "/up/", "/.hidden", "/%2ehidden", "/etc/passwd",
        "//etc/passwd", "/%00", "/index.html%00.js", "/%ff", "/models/", "/zoo", "/index.html/",
        "/" + "a" * 5000, "/" + "../" * 500 + "etc/passwd", "http://203.0.113.1/secret.txt",
    ],
)  # fmt: skip
def test_nothing_else_is_given_away(served: Served, path: str) -> None:
    status, _, body = served.get(path)
    if status == 301:  # a folder; it has no page
        status, _, body = served.get(f"{path}/")
    assert status == (421 if path.startswith("http:") else 404)
    assert b"secret" not in body.replace(b"secret.txt", b"") and b"root:" not in body


@pytest.mark.parametrize(
    ("asked", "status", "range", "body"),
    [
        ("bytes=0-3", 206, "bytes 0-3/18", b"this"),
        ("bytes=8-", 206, "bytes 8-17/18", b"index.html"),
        ("bytes=-4", 206, "bytes 14-17/18", b"html"),
        ("bytes=-99", 206, "bytes 0-17/18", b"this is index.html"),
        ("bytes=13-9999", 206, "bytes 13-17/18", b".html"),
        ("bytes=18-", 416, "bytes */18", b""),
        ("bytes=5-3", 416, "bytes */18", b""),
        ("bytes=-0", 416, "bytes */18", b""),
        ("bytes=-", 200, None, b"this is index.html"),
        ("bytes=0-1,4-5", 200, None, b"this is index.html"),
        ("lines=0-1", 200, None, b"this is index.html"),
        (f"bytes={'9' * 5000}-", 200, None, b"this is index.html"),
    ],
)
def test_a_part_of_a_file_is_given(
    served: Served, asked: str, status: int, range: str | None, body: bytes
) -> None:
    found, headers, given = served.get("/index.html", Range=asked)
    assert (found, headers.get("content-range"), given) == (status, range, body)
    assert headers["content-length"] == str(len(body))
    assert served.get("/", Range="bytes=0-3")[0] == 200, "a folder has no parts"


def test_the_rest_of_a_file_is_given_only_of_the_same_version(served: Served) -> None:
    modified = served.get("/index.html")[1]["last-modified"]
    old = "Mon, 01 Jan 1990 00:00:00 GMT"
    for version, status in ((modified, 206), (old, 200), ('"tag"', 200)):
        headers = {"Range": "bytes=8-", "If_Range": version}
        assert served.get("/index.html", **headers)[0] == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9000", 200), ("127.0.0.1", 200), ("LOCALHOST", 200), ("[::1]:80", 200),
        ("rebound.example", 421), ("rebound.example:8000", 421), ("127.0.0.1.example", 421),
        ("localhost@rebound.example", 421), ("localhost.:1", 421), ("", 421),
    ],
)  # fmt: skip
def test_a_page_from_elsewhere_cannot_read_it_under_its_own_name(
    served: Served, host: str, status: int
) -> None:
    assert served.get("/index.html", Host=host)[0] == status


def test_a_silent_connection_is_closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webserver.Handler, "timeout", 0.2)
    with webserver.WebServer(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as silent:
            assert silent.recv(1) == b"", "closed by the server"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_written(served: Served, method: str) -> None:
    assert served.get("/index.html", method)[0] == 501


def test_it_serves_on_after_whatever_comes(served: Served) -> None:
    for words in (b"\0\xff" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b""):
        with socket.create_connection(("127.0.0.1", served.port)) as raw:
            raw.sendall(words)
    assert served.get("/")[0] == 200


def test_other_machines_cannot_reach_it(served: Served) -> None:
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for address in addresses:
        if not str(address).startswith(("127.", "::1")):
            with pytest.raises(OSError):
                socket.create_connection((str(address), served.port), timeout=2).close()


def test_the_end_is_clean(folder: Path) -> None:
    served = Served(folder)
    assert served.get("/")[0] == 200
    with socket.create_connection(("127.0.0.1", served.port)):  # somebody stays connected
        time.sleep(0.05)
        os.kill(served.process.pid, signal.SIGINT)
        _, said = served.process.communicate(timeout=60)
    assert served.process.returncode == 0
    assert "Traceback" not in said
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served.port))


def test_a_taken_port_is_told(zoo: Zoo, served: Served, folder: Path) -> None:
    answer = zoo("serve", folder, "--port", served.port)
    assert (answer.code, "--port 0" in answer.err) == (2, True)


def test_a_folder_without_a_page_is_told(zoo: Zoo, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        answer = zoo("serve", folder)
        assert (answer.code, "zoo publish" in answer.err) == (3, True)
