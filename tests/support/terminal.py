"""A real terminal for the command: a pseudo-terminal of any size."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import NamedTuple

from tests.support import ROOT


class Shown(NamedTuple):
    code: int
    text: str


def on_terminal(
    *words: object,
    columns: int = 80,
    interrupt_at: str = "",
    cwd: Path | None = None,
    **settings: str,
) -> Shown:
    """Run ``zoo`` on a terminal; give its exit code and all that was written there.

    Parameters
    ----------
    *words
        What is typed after ``zoo``.
    columns : int
    interrupt_at : str
        Press Ctrl-C as soon as this is shown.
    **settings : str
        Variables of the environment.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    unset = ("COLUMNS", "NO_COLOR", "TTY_COMPATIBLE", "FORCE_COLOR")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    command = [str(Path(sys.executable).with_name("zoo")), *map(str, words)]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs,
        env=environment | settings, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while data := _read(ours):
        shown += data
        if interrupt_at and interrupt_at.encode() in shown:
            interrupt_at = ""
            os.killpg(process.pid, signal.SIGINT)  # as the terminal does
    os.close(ours)
    return Shown(process.wait(), shown.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # how Linux says that the other side is closed
        return b""
