"""A folder, served on this machine and looked at with Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

from tests.support import ROOT

DRIVER = ROOT / "tests" / "browser" / "chromium.mjs"
SHOTS = ROOT / "build" / "screenshots"
SECONDS = 200


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder; give its address, without a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Chromium:
    """A browser that is started anew for each script.

    Attributes
    ----------
    scratch : Path
        A folder of the test's own.
    """

    scratch: Path

    MICROPHONE: ClassVar = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
    )
    """Flags for a microphone that may be used, and hears a beep each second."""

    WEBGL: ClassVar = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    """Flags for WebGL without a graphics card."""

    serving = staticmethod(serving)

    def hearing(self, wav: Path) -> tuple[str, ...]:
        """Flags for a microphone that hears a file over and over again."""
        return (*self.MICROPHONE, f"--use-file-for-fake-audio-capture={wav}")

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
        flags : sequence of str
            For Chromium.
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
        flags: Sequence[str] = (),
        context: Mapping[str, Any] | None = None,
    ) -> tuple[Any, list[str]]:
        """What a script returns, and the errors and foreign requests of its page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        told = {"script": str(script), "url": url, "args": args, "flags": list(flags)}
        told |= {"context": context or {}, "shots": str(SHOTS), "seconds": SECONDS}
        told |= {"executable": shutil.which("chromium")}
        request = self.scratch / f"{script.stem}.json"
        request.write_text(json.dumps(told))
        done = subprocess.run(["node", str(DRIVER), str(request)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        return answer["value"], answer["problems"]
