"""Programs in child processes: a JSON request on stdin, a JSON answer on stdout, each a line.

The process that asks stays light and quiet, and alive whatever a foreign model or a heavy library
does to the one that answers. Graphs and arrays go through files that the requests name.

Examples
--------
The parent, and the module that it names::

    answer = ask(program.__name__, {"path": "model.pb"}, seconds=60)

    if __name__ == "__main__":
        serve(lambda request: {"size": os.stat(request["path"]).st_size})
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Timer
from types import TracebackType
from typing import Any

from catalog import errors
from freeze.limits import MORE

NEARLY = 0.9
"""Of the limit of memory: what fails beyond it is taken to fail of it."""

_FULL = ("bad_alloc", "allocate", "out of memory", "OOM")


class ChildError(errors.NoError):
    """A child process did not do what it was asked for."""


class ProgramError(ChildError):
    """The program raised an error that is not one of zoo's own; it lives on."""


class DeathError(ChildError):
    """The process ended before it answered."""


class TimeLimitError(ChildError):
    """No answer came in time; the process was stopped."""


class GarbageError(ChildError):
    """What came is not an answer."""


class Child:
    """A program at work in a process of its own, to be used in a ``with`` statement.

    Parameters
    ----------
    program : str or sequence of str
        The full name of a module that calls `serve` when it is run, or the command of a program
        that answers as `serve` does.
    environment : mapping of str to str, optional
        Added to that of this process.
    """

    def __init__(
        self, program: str | Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        if isinstance(program, str):
            program = [sys.executable, "-P", "-m", program, str(os.getpid())]
        self._log = TemporaryFile()  # noqa: SIM115
        self._memory: int | None = None
        self.process = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **(environment or {})},
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process, whatever it is at."""
        self.process.kill()
        self.process.communicate()
        self._log.close()

    def ask(self, request: Mapping[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Parameters
        ----------
        request : mapping of str to JSON values
        seconds : float, optional
            When to stop the process, which cannot be asked again then.

        Raises
        ------
        ZooError
            Of the class that the program raised.
        ProgramError, DeathError, TimeLimitError, GarbageError
        """
        late = Event()
        self._memory = request.get("memory") or request.get("limits", {}).get("memory")

        def stop() -> None:
            late.set()
            self.process.kill()

        timer = Timer(seconds or 0, stop)
        if seconds is not None:
            timer.start()
        try:
            line = self._exchange(json.dumps(request).encode() + b"\n")
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            return _answer(line)
        if late.is_set() or self.process.wait() == -getattr(signal, "SIGXCPU", 0):
            raise TimeLimitError("It did not finish in time.")
        raise self._death()

    def _exchange(self, line: bytes) -> bytes:
        """What comes back for a line; less than a line where the process ended."""
        assert self.process.stdin and self.process.stdout
        with suppress(BrokenPipeError):  # of a dead process, which its exit code tells more of
            self.process.stdin.write(line)
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer.endswith(b"\n"):
            self.process.wait()
        return answer

    def _death(self) -> DeathError:
        """Say how the process ended."""
        code = self.process.wait()
        if code < 0:
            told = f"It was killed by signal {-code}."
            if self._memory:
                told = f"{told} It may have reached {limit_text(self._memory)}"
            return DeathError(told, hint=MORE)
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        blamed = [line for line in lines if "error" in line.lower()]  # Node.js says more after it
        told = [f"exit code {code}", *lines[-1:], *blamed[-1:]][-1]
        return DeathError(f"It ended without an answer: {told.strip()}")


def ask(
    program: str | Sequence[str],
    request: Mapping[str, Any],
    seconds: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Ask a program one thing, in a process that lives no longer; see `Child`."""
    with Child(program, environment) as child:
        return child.ask(request, seconds)


def _answer(line: bytes) -> dict[str, Any]:
    """Read an answer, or raise the error that the program met."""
    try:
        told = json.loads(line)
        if "answer" in told:
            return dict(told["answer"])
        texts = (told["message"], told["why"], told["hint"])
        kind = getattr(errors, told["error"]) if told["error"] else ProgramError
    except (ValueError, TypeError, KeyError, AttributeError):
        text = line.decode(errors="replace").strip()[:60]
        raise GarbageError(f"It ended without an answer: it said {text!r}.") from None
    raise kind(*texts)


def serve(answer: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """Answer requests until there are no more: what the main program of a child calls.

    A request may hold ``limits``, the arguments of `limit`, which hold before it is answered.
    What libraries print on stdout goes to stderr. On Linux the process dies with the one that
    started it; elsewhere it does so at its next request.
    """
    _die_with(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if limits := request.pop("limits", None):
                limit(**limits)
            told: dict[str, Any] = {"answer": answer(request)}
        except Exception as error:
            told = _told(error)
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _told(error: Exception) -> dict[str, str]:
    """An error as the other process is to raise it."""
    if text := out_of_memory(error):
        return {"error": "", **_texts(text, hint=MORE)}
    if isinstance(error, errors.ZooError):
        return {"error": type(error).__name__, **_texts(error.message, error.why, error.hint)}
    return {"error": "", **_texts(f"{type(error).__name__}: {sentence(error)}")}


def _texts(message: str, why: str = "", hint: str = "") -> dict[str, str]:
    return {"message": message, "why": why, "hint": hint}


def sentence(error: BaseException) -> str:
    """The first line of an error that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__


def limit(memory: int, seconds: float | None = None, cores: int = 2) -> None:
    """Limit this process: what it may take from now on.

    Parameters
    ----------
    memory : int
        Bytes of data.
    seconds : float, optional
        Of processor time, after which the system ends the process whoever waits for it.
    cores : int
        Processors, each of which costs a stack.

    Raises
    ------
    MemoryError
        It has taken more already.
    """
    with suppress(ImportError, ValueError, OSError):  # not on every platform
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if seconds is not None:
            used = resource.getrusage(resource.RUSAGE_SELF)
            end = math.ceil(used.ru_utime + used.ru_stime + seconds)
            _, most = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (end, most))
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory, most))
        if _taken() > memory:  # what its libraries take is too much: they would fail anywhere
            raise MemoryError
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def out_of_memory(error: BaseException) -> str:
    """Say that an error of this process comes from its limit of memory; empty if it does not.

    Libraries have many words for it, and some have none.
    """
    with suppress(ImportError):  # not on every platform
        import resource

        most, _ = resource.getrlimit(resource.RLIMIT_DATA)
        is_limited = most != resource.RLIM_INFINITY
        texts = f"{error} {getattr(error, 'why', '')}"
        if isinstance(error, MemoryError) or (
            is_limited and (any(word in texts for word in _FULL) or _taken() > NEARLY * most)
        ):
            return f"It reached {limit_text(most if is_limited else None)}"
    return "It needs more memory than there is." if isinstance(error, MemoryError) else ""


def limit_text(memory: int | None) -> str:
    size = f", {memory / 1e6:.0f} MB" if memory else ""
    return f"its limit of memory{size}; ZOO_MEMORY moves it."


def _taken() -> int:
    """Bytes of data that this process has, as its limit counts them; 0 where it is not known."""
    with suppress(OSError, IndexError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _die_with(parent: int) -> None:
    """Let Linux kill this process as soon as its parent ends, however that may happen."""
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1  # PR_SET_PDEATHSIG in linux/prctl.h
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended already
            os._exit(1)
