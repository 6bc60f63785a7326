"""A process that forks, measures what the forks do, and kills those that it is told to.

Forked, since a new process would spend nearly all of its time, and most kills, on imports. Not by
the tests themselves: what forks a process with threads may wait for a lock that none of them frees.
"""

from __future__ import annotations

import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple
from uuid import uuid4

from tests.support import ROOT
from tests.support.waiting import wait_for

SECONDS = 60
"""Of a processor, after which the system ends a command."""

STEPS = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}
STEPS |= {"shutil.rmtree", "ctypes.dlsym"}
"""The audit events of what touches a disk, beside a file that is opened to be written."""


class Answer(NamedTuple):
    """What a fork left behind.

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
    """Forks that work, one at a time; to be used in a ``with`` statement.

    Parameters
    ----------
    environment : mapping of str to object, optional
        Added to that of this process.
    prepare : callable, optional
        What the process does before it forks; it comes from a module, as all that is called here.
    """

    def __init__(
        self,
        environment: Mapping[str, object] | None = None,
        prepare: Callable[[], object] = bool,
    ) -> None:
        self._environment = {key: str(value) for key, value in (environment or {}).items()}
        self._environment["FORKS"] = uuid4().hex
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=self._surroundings(),
        )
        self._send(prepare)

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

    def run(self, *words: object, **how: Any) -> Answer:
        """Run a command, whose words are given without ``zoo``; see `do`."""
        return self.do(partial(_command, list(map(str, words))), **how)

    def do(
        self,
        work: Callable[[], object],
        folder: Path | None = None,
        kill: tuple[float, signal.Signals] | None = None,
        last: int = 0,
    ) -> Answer:
        """Do something in a fork that has the environment of this process, and wait for it.

        Parameters
        ----------
        work : callable
        folder : Path, optional
            Where it is done, unless here.
        kill : tuple of float and signal
            After how many seconds what is sent to it, if it still works.
        last : int
            The fork kills itself, as SIGKILL does, before its Nth step that touches a disk; 0 lets
            it end.
        """
        assert self._process.stdout
        folder = folder or Path.cwd()
        self._send((partial(_run, work, folder, self._surroundings(), last), kill))
        return Answer(*pickle.load(self._process.stdout))

    def _surroundings(self) -> dict[str, str]:
        return {**os.environ, **self._environment}

    def _send(self, request: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(pickle.dumps(request))
        self._process.stdin.flush()

    def wait_for_all(self) -> None:
        """Wait until no process is left of the forks."""
        wait_for(lambda: not self._left())

    def _left(self) -> bool:
        mark = f"FORKS={self._environment['FORKS']}".encode()
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                known = mark in (path / "environ").read_bytes().split(b"\0")
                if known and int(path.name) != self._process.pid:
                    return True
        return False


def main() -> None:
    """Do what stdin asks for."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    pickle.load(requests)()
    with suppress(EOFError):
        while True:
            answers.write(pickle.dumps(tuple(_answer(*pickle.load(requests)))))
            answers.flush()


def _answer(
    run: Callable[[IO[bytes], IO[bytes]], None], kill: tuple[float, signal.Signals] | None
) -> Answer:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            run(out, err)
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


def _run(
    work: Callable[[], object],
    folder: Path,
    environment: Mapping[str, str],
    last: int,
    out: IO[bytes],
    err: IO[bytes],
) -> None:
    """Be the fork."""
    code: Any = 1
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        tempfile.tempdir = None  # as the environment says
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        with Path(os.devnull).open() as nowhere:
            os.dup2(nowhere.fileno(), 0)
        _die_before(last)
        work()
        code = 0
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:  # before a command has begun
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_before(last: int) -> None:
    steps = 0

    def count(event: str, arguments: Sequence[Any]) -> None:
        nonlocal steps
        writes = event == "open" and isinstance(arguments[1], str) and "w" in arguments[1]
        if writes or event in STEPS:
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)

    if last:
        sys.addaudithook(count)


def _command(words: Sequence[str]) -> None:
    """Be the command ``zoo``."""
    from zoo import cli

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.argv = ["zoo", *words]
    sys.exit(cli.run())


def import_commands(engine: Path | None = None) -> None:
    """Import what commands import; leave out what would take long and is tested elsewhere.

    Parameters
    ----------
    engine : Path, optional
        A folder in the place of TensorFlow.js; with it, neither TensorFlow nor Node.js are there,
        and `zoo validate` runs nothing.
    """
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


if __name__ == "__main__":
    main()
