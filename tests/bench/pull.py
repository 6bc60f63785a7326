"""How fast a large file comes into the store."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.bench.row import ZOO, Row, medians

SIZE = 200_000_000  # bytes


class _Handler(SimpleHTTPRequestHandler):
    def copyfile(self, source, outputfile):  # type: ignore[no-untyped-def]
        outputfile.flush()
        self.connection.sendfile(source)  # so that the server costs next to nothing

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    handler = partial(_Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def pull_throughput() -> list[Row]:
    """The whole process of pulling 200 MB from this machine against curl and then sha256sum."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        content = os.urandom(SIZE)
        (folder / "large-1.pb").write_bytes(content)
        with _serving(folder) as address:
            url = f"{address}/large-1.pb"
            file = {
                "kind": "pb",
                "urls": [url],
                "size": SIZE,
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            (folder / "catalog").mkdir()
            record = {
                "name": "large",
                "description": "Noise.",
                "framework": "tensorflow",
                "zoo": {"id": "large-1", "kind": "end-to-end", "files": [file]},
            }
            (folder / "catalog" / "large-1.json").write_text(json.dumps(record))
            settings = [f"ZOO_HOME={folder}/store", f"ZOO_CATALOG={folder}/catalog"]
            curl = f"curl -s -o {folder}/curl.pb {url} && sha256sum {folder}/curl.pb"
            pull, reference = medians(
                [
                    ["env", *settings, *ZOO, "pull", "-q", "--force", "large-1"],
                    ["sh", "-c", curl],
                ]
            )
    against = "`curl -o`, then `sha256sum`"
    rest = "receiving, writing and SHA-256, as there; starting Python"
    return [Row("`zoo pull` of 200 MB, verified", against, pull / reference, "≤ 1.3", rest)]
