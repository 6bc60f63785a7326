"""Work in a forked process, which can be killed before any of its steps on a disk."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

STEPS = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}
STEPS |= {"shutil.rmtree", "ctypes.dlsym"}


def forked(work: Callable[[], object], last: int = 0) -> int:
    """Do something in a forked process; its exit code.

    Parameters
    ----------
    work : callable
    last : int
        The process kills itself, as SIGKILL does, before its Nth step that touches a disk;
        0 lets it end.
    """
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    steps = 0

    def count(event: str, arguments: Sequence[Any]) -> None:
        nonlocal steps
        writes = event == "open" and isinstance(arguments[1], str) and "w" in arguments[1]
        if writes or event in STEPS:
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(count)
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)
