"""A guide of the documentation, run as it stands: CONTRIBUTING.md says what its blocks mean."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import ROOT

GUIDES = ROOT / "docs" / "guides"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.M | re.S)
PORTS = ("8000", "8001", "8786")
"""Which the guides use; the tests take others, that are free."""
SECONDS = 200


@dataclass(frozen=True)
class File:
    """A block that is written to a file."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line of a shell, and what it prints: None if anything."""

    line: str
    shown: str | None


def steps(page: str) -> Iterator[File | Command]:
    """What a guide has its reader do, in order."""
    for language, title, text in BLOCK.findall(page):
        if title:
            yield File(title, text)
        elif language == "console":
            for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
                line, shown = re.split(r"(?<!\\)\n", part, maxsplit=1)
                yield Command(line, shown or None)


def pattern(shown: str) -> str:
    """An expression for what is shown, where … stands for anything."""
    lines = (
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"[ ]*\n"
        for line in shown.splitlines()
    )
    return "".join(lines)


@dataclass
class Shell:
    """Runs the steps of a guide.

    Attributes
    ----------
    folder : Path
        Where the reader is.
    env : mapping
        Variables of the shell.
    ports : dict
        Free ports, by those of the guide.
    """

    folder: Path
    env: Mapping[str, str]
    ports: dict[str, str] = field(default_factory=lambda: {port: _free() for port in PORTS})
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def follow(self, page: Path) -> None:
        """Do what a guide says, and compare what is printed with what it shows."""
        for step in steps(self._moved(page.read_text("utf-8"))):
            if isinstance(step, File):
                path = self.folder / step.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text, "utf-8")
            elif step.line.endswith(" &"):
                self._begin(step)
            else:
                self._run(step)

    def _moved(self, text: str) -> str:
        for port, free in self.ports.items():
            text = re.sub(rf"\b{port}\b", free, text)
        return text

    def _run(self, command: Command) -> None:
        done = subprocess.run(
            ["bash", "-c", command.line],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
        )
        said = done.stdout.decode()
        assert done.returncode == 0, f"$ {command.line}\n{said}"
        if command.shown is not None:
            assert re.fullmatch(pattern(command.shown), said), (
                f"$ {command.line}\n{said}\nis not\n{command.shown}"
            )

    def _begin(self, command: Command) -> None:
        """Start what runs on, and wait until it has printed what is shown."""
        log = self.folder / f".log-{len(self._running)}"
        with log.open("wb") as file:
            line = f"exec {command.line.removesuffix(' &')}"
            started = subprocess.Popen(
                ["bash", "-c", line],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(started)
        late = time.monotonic() + SECONDS
        while not re.match(pattern(command.shown or ""), log.read_text("utf-8")):
            assert started.poll() is None, f"$ {command.line}\n{log.read_text('utf-8')}"
            assert time.monotonic() < late, f"$ {command.line}\n{log.read_text('utf-8')}"
            time.sleep(0.1)

    def end(self) -> None:
        """End what runs on, with all that it has started."""
        for started in reversed(self._running):
            started.send_signal(signal.SIGTERM)
        for started in self._running:
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                pass
            finally:
                _kill(started.pid)
                started.wait()


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:  # nothing is left of it
        return


def _free() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


@contextmanager
def shell(folder: Path, env: Mapping[str, str]) -> Iterator[Shell]:
    """A shell whose background commands end with it."""
    made = Shell(folder, env)
    try:
        yield made
    finally:
        made.end()
