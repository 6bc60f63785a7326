"""A folder, served on this machine and looked at with Chromium, Firefox and WebKit."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import Any, ClassVar

from tests.support import ROOT

DRIVER = ROOT / "tests" / "browser" / "driver.mjs"
SHOTS = ROOT / "build" / "screenshots"
SECONDS = 240

ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
"""Headers of a host whose pages may use threads."""

PROGRAMS = {
    "chromium": ("chromium",),
    "firefox": ("firefox-esr", "firefox"),
    "webkit": ("WebKitWebDriver",),
}
"""What starts each browser; the first that is installed is taken."""


def program(browser: str) -> str | None:
    """The path of what starts a browser; None where it, or what it needs, is not installed."""
    needed = ["node"] if browser == "chromium" else ["node", "Xvfb", "pulseaudio"]
    if not all(map(shutil.which, needed)):
        return None
    return next(filter(None, map(shutil.which, PROGRAMS[browser])), None)


class _Handler(SimpleHTTPRequestHandler):
    headers_of_all: ClassVar[Mapping[str, str]] = {}

    def end_headers(self) -> None:
        for name, value in self.headers_of_all.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(
    folder: Path, headers: Mapping[str, str] | None = None, types: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Serve a folder; give its address, without a slash at the end.

    Parameters
    ----------
    headers : dict, optional
        Sent with every file.
    types : dict, optional
        By the endings of files, where they are not the usual ones.
    """
    known = {**SimpleHTTPRequestHandler.extensions_map, **(types or {})}
    attributes = {"headers_of_all": headers or {}, "extensions_map": known}
    handler = partial(type("Handler", (_Handler,), attributes), directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Driver:
    """The process that drives browsers; each is started when it is first asked for."""

    def __init__(self) -> None:
        self._said = TemporaryFile("w+")  # noqa: SIM115, closed with the process
        self._process = subprocess.Popen(
            ["node", str(DRIVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request: see ``driver.mjs``."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self._said.seek(0)
            raise AssertionError(f"The driver of the browsers ended: {self._said.read()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the browsers."""
        self._process.communicate()
        self._said.close()


@dataclass(frozen=True)
class Browser:
    """A browser; each script gets a page in a context of its own.

    Attributes
    ----------
    name : str
        chromium, firefox or webkit.
    driver : Driver
        What drives it.
    """

    name: str
    driver: Driver

    serving = staticmethod(serving)

    def run(self, script: Path, folder: Path, **options: Any) -> Any:
        """Serve a folder and run a script in a page, as `visit`."""
        with serving(folder) as url:
            return self.visit(script, url, **options)

    def visit(self, script: Path, url: str = "", **options: Any) -> Any:
        """Run a script in a page, and fail if the page complains: see `complaints`.

        Parameters
        ----------
        script : Path
            A module whose default export is ``async ({page, context, url, args, shot})``;
            ``shot(name)`` puts a picture into ``build/screenshots``.
        url : str
            The only host that may be asked, without a slash at the end; none if not given.
        args : JSON, optional
            For the script.
        microphone : bool or Path
            What Chromium's hears: nothing, as access is denied, a beep, or a WAV file over and over
            again. Those of Firefox and WebKit always hear a tone.
        graphics : bool
            Whether Chromium has WebGPU, computed in software.
        context : dict
            For playwright's ``newContext``: ``viewport``, ``colorScheme``, …

        Returns
        -------
        JSON
            What the script returns.
        """
        value, problems = self.complaints(script, url, **options)
        assert not problems, "\n".join(problems)
        return value

    def complaints(
        self,
        script: Path,
        url: str,
        *,
        args: Any = None,
        microphone: bool | Path = False,
        graphics: bool = False,
        context: Mapping[str, Any] | None = None,
    ) -> tuple[Any, list[str]]:
        """What a script returns, and the errors and foreign requests of its page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        heard = str(microphone) if isinstance(microphone, Path) else "" if microphone else None
        answer = self.driver.ask(
            {
                "browser": self.name,
                "program": program(self.name),
                "script": str(script),
                "url": url,
                "args": args,
                "microphone": heard,
                "graphics": graphics,
                "context": context or {},
                "shots": str(SHOTS),
                "seconds": SECONDS,
            }
        )
        assert "error" not in answer, answer["error"]
        return answer["value"], answer["problems"]
