"""A process that forks commands of ``zoo``, measures them, and kills those that it is told to.

Forked, since a new process would spend nearly all of its time, and most kills, on imports.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, NamedTuple
from uuid import uuid4

from tests.support import ROOT

SECONDS = 60
"""Of a processor, after which the system ends a command."""


class Answer(NamedTuple):
    """What a command left behind.

    Attributes
    ----------
    code : int
        Negative after a signal.
    out, err : str
    seconds : float
        Of processors: the machine may have other work.
    wall : float
        Seconds on the clock.
    memory : int
        Bytes of the process, or child of it, that took most.
    """

    code: int
    out: str
    err: str
    seconds: float
    wall: float
    memory: int


class Forks:
    """Commands, one at a time; to be used in a ``with`` statement.

    Parameters
    ----------
    environment : mapping of str to object
        Added to that of this process.
    engine : Path, optional
        A folder in the place of TensorFlow.js; with it, neither TensorFlow nor Node.js are there,
        and `zoo validate` runs nothing.
    """

    def __init__(self, environment: Mapping[str, object], engine: Path | None = None) -> None:
        self._mark = f"FORKS={uuid4().hex}".encode()
        own = {"ZOO_OFFLINE": "1", "FORKS": self._mark.decode().partition("=")[2]}
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(engine or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **own, **{key: str(value) for key, value in environment.items()}},
        )

    def __enter__(self) -> Forks:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def run(
        self,
        *words: object,
        folder: Path = ROOT,
        kill: tuple[float, signal.Signals] | None = None,
    ) -> Answer:
        """Run a command, and wait for it.

        Parameters
        ----------
        words
            Without ``zoo``.
        folder : Path
            Where it runs.
        kill : tuple of float and signal
            After how many seconds what is sent to it, if it still runs.
        """
        assert self._process.stdin and self._process.stdout
        request = [list(map(str, words)), str(folder), kill]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Answer(*json.loads(self._process.stdout.readline()))

    def gone(self, seconds: float) -> bool:
        """Wait until no process is left of the commands; False if there is one after that time."""
        end = time.monotonic() + seconds
        while self._left():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def _left(self) -> bool:
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                known = self._mark in (path / "environ").read_bytes().split(b"\0")
                if known and int(path.name) != self._process.pid:
                    return True
        return False


def main() -> None:
    """Run what the lines of stdin ask for."""
    _prepare(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(_answer(*json.loads(line))), flush=True)


def _answer(words: list[str], folder: str, kill: tuple[float, int] | None) -> Answer:
    with TemporaryFile() as out, TemporaryFile() as err:
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _run(words, folder, out, err)
        if kill:
            time.sleep(kill[0])
            os.kill(child, kill[1])
        _, status, used = os.wait4(child, 0)
        wall = time.monotonic() - begun
        code = os.waitstatus_to_exitcode(status)
        return Answer(
            *(code, _text(out), _text(err), used.ru_utime + used.ru_stime, wall),
            used.ru_maxrss * 1024,
        )


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _prepare(engine: str) -> None:
    """Import what commands import; leave out what would take long and is tested elsewhere."""
    sys.modules["openvino.tools.ovc"] = None  # type: ignore[assignment]  # as zoo.cli does
    if engine:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    import jsonschema  # noqa: F401
    import openvino  # noqa: F401

    import zoo.cli
    import zoo.exporting.exporter
    import zoo.freezing.frozen_model
    import zoo.predicting.run
    import zoo.pulling.puller
    import zoo.training.trainer  # noqa: F401

    with suppress(ImportError):
        import sklearn.linear_model
        import sklearn.model_selection
        import sklearn.multiclass
        import sklearn.neural_network  # noqa: F401

    if engine:
        from validate import run
        from zoo import npm

        setattr(run, "check", lambda request: [])  # noqa: B010
        setattr(npm, "tensorflowjs", lambda store: Path(engine))  # noqa: B010
        setattr(shutil, "which", lambda name: None)  # noqa: B010


def _run(words: list[str], folder: str, out: IO[bytes], err: IO[bytes]) -> Any:
    """Be the command ``zoo``."""
    from zoo import cli

    code = 1
    try:
        os.chdir(folder)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        with Path(os.devnull).open() as nowhere:
            os.dup2(nowhere.fileno(), 0)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        sys.argv = ["zoo", *words]
        code = cli.run()
    except KeyboardInterrupt:  # before the command has begun
        code = 130
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
