"""Many files, heard by several processes at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalog.errors import NoError

if TYPE_CHECKING:
    from predictors.ensemble import Ensemble
    from zoo.predicting.request import Request
    from zoo.predicting.results import Result

FILES = 8
"""Files a process that make up for the second that it takes to begin."""

WAITING = 2
"""Files a process that are handed out ahead: more answers are never held."""

_job: tuple[Request, Ensemble]


def answers(request: Request, ensemble: Ensemble, files: Sequence[str]) -> Iterator[list[Result]]:
    """Ask models about files, and give the answers in the order of the files.

    Few files are heard one after the other with all cores at work on each. Many are heard by
    one process a core, each with a single thread: decoding and resampling know no threads,
    and networks waste less on one core than on several.
    """
    cores = available_cores()
    processes = min(cores, len(files) // FILES)
    if processes < 2:
        for file in files:
            yield request.run(ensemble, file)
        return
    with _pool(processes, request, ensemble, cores // processes) as pool:
        waiting: deque[Future[list[Result]]] = deque()
        for file in files:
            waiting.append(pool.submit(_ask, file))
            if len(waiting) > WAITING * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def available_cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _pool(processes: int, request: Request, ensemble: Ensemble, threads: int) -> Iterator[Executor]:
    """Processes that are gone when an error or Ctrl-C ends the work."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _begin, (request, ensemble, threads))
    try:
        yield pool
        pool.shutdown()
    except BrokenProcessPool:
        raise NoError(
            "A worker process was killed.",
            why="Memory may have run out, or a file may crash the decoder.",
            hint="Run the same command again: with --output it resumes where it stopped.",
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()


def _begin(request: Request, ensemble: Ensemble, threads: int) -> None:
    from predictors.runtimes import engines

    global _job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first one decides
    engines.threads = threads
    _job = request, ensemble


def _ask(file: str) -> list[Result]:
    request, ensemble = _job
    return request.run(ensemble, file)
