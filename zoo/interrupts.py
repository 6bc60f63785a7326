"""Ctrl-C, which must not strike while Python takes a lock of its imports."""

from __future__ import annotations

import _imp
import os
import signal
from threading import Timer, current_thread, main_thread
from types import FrameType

AGAIN = 0.01
"""Seconds after which an interrupt that came at the wrong moment is tried again."""


def spare_imports() -> None:
    """Let Ctrl-C wait until no module is looked for.

    Python takes a lock for that, and an interrupt right behind would leave it taken: a thread that
    imports something would wait for ever, and the command for the thread.
    """
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if usual and current_thread() is main_thread():
        signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if not _imp.lock_held():
        signal.default_int_handler(number, frame)
    Timer(AGAIN, os.kill, (os.getpid(), number)).start()
