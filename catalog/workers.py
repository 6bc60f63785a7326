"""Processes that work for this one, and are gone when it is."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from multiprocessing.connection import Connection


def available_cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def workers(count: int, begin: Callable[..., None], *arguments: Any) -> Iterator[Executor]:
    """Processes that are gone when an error or Ctrl-C ends the work.

    Parameters
    ----------
    count : int
    begin : callable
        Is called in each process before its work, with the arguments.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    ended, alive = context.Pipe(duplex=False)
    job = pickle.dumps((begin, arguments))
    pool = ProcessPoolExecutor(count, context, _begin, (ended, job))
    try:
        yield pool
        pool.shutdown()
    finally:  # work that waits is not cancelled: its end would come twice, with that of all
        alive.close()
        pool.shutdown(wait=False)
        ended.close()


def _begin(ended: Connection, job: bytes) -> None:
    """Get ready; the job is read late, since what it needs takes long to import."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first one decides
    threading.Thread(target=_end_with_parent, args=(ended,), daemon=True).start()
    begin, arguments = pickle.loads(job)
    begin(*arguments)


def _end_with_parent(ended: Connection) -> None:
    """Leave no process behind where the command is done, or is killed and cannot end its own."""
    with suppress(EOFError):
        ended.recv_bytes()
    os._exit(1)
