"""Many files, heard by several processes at once."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING

from catalog.errors import AudioError
from zoo.predicting.request import failed

if TYPE_CHECKING:
    from predictors.ensemble import Ensemble
    from zoo.predicting.request import Request
    from zoo.predicting.results import Result

FILES = 8
"""Files a process that make up for the second that it takes to begin."""

WAITING = 2
"""Files a process that are handed out ahead: more answers are never held."""

_job: tuple[Request, Ensemble]


def answers(request: Request, ensemble: Ensemble, files: Iterable[str]) -> Iterator[list[Result]]:
    """Ask models about files, and give the answers in the order of the files.

    Few files are heard one after the other with all cores at work on each. Many are heard by
    one process a core, each with a single thread: decoding and resampling know no threads,
    and networks waste less on one core than on several. Where a process dies, the files that
    were waiting for their answer are heard again one at a time: the next death says whose it is.
    Names are taken as they are needed: there may be millions.
    """
    cores = available_cores()
    more = iter(files)
    rest = deque(islice(more, cores * FILES))
    processes = min(cores, len(rest) // FILES)
    if processes < 2:
        for file in chain(rest, more):
            yield request.run(ensemble, file)
        return
    for backbone in ensemble.backbones(request.layer):
        backbone.try_out()
    ahead = WAITING * processes
    while rest:
        with _pool(processes, request, ensemble, cores // processes) as pool:
            yield from _answers(pool, rest, more, ahead)
        suspects = deque(rest.popleft() for _ in range(min(len(rest), ahead + 1)))
        while suspects:
            with _pool(1, request, ensemble, cores // processes) as pool:
                yield from _answers(pool, suspects, iter(()), 0)
            if suspects:
                models = [model.record.id for model in ensemble.models]
                yield failed(suspects[0], models, request.layer, _deadly(suspects.popleft()))


def _answers(
    pool: Executor, files: deque[str], more: Iterator[str], ahead: int
) -> Iterator[list[Result]]:
    """Take answered files away until none is left, or a process dies."""
    waiting: deque[Future[list[Result]]] = deque()
    while True:
        files.extend(islice(more, max(0, ahead + 1 - len(files))))
        if not files:
            return
        try:
            for file in islice(files, len(waiting), ahead + 1):
                waiting.append(pool.submit(_ask, file))
            results = waiting.popleft().result()
        except BrokenProcessPool:
            return
        yield results
        files.popleft()


def _deadly(file: str) -> AudioError:
    return AudioError(
        f"{file} ended the worker process that read it.",
        why="Memory may have run out, or the file may crash the decoder.",
    )


def available_cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _pool(processes: int, request: Request, ensemble: Ensemble, threads: int) -> Iterator[Executor]:
    """Processes that are gone when an error or Ctrl-C ends the work."""
    context = multiprocessing.get_context("spawn")
    job = pickle.dumps((request, ensemble))
    pool = ProcessPoolExecutor(processes, context, _begin, (job, threads))
    try:
        yield pool
        pool.shutdown()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()


def _begin(job: bytes, threads: int) -> None:
    """Get ready; the job is read late, since what it needs takes long to import."""
    global _job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first one decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from predictors.runtimes import engines

    engines.threads = threads
    _job = pickle.loads(job)


def _end_with_parent() -> None:
    """Leave no process behind where the command is killed and cannot end its own."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)


def _ask(file: str) -> list[Result]:
    request, ensemble = _job
    return request.run(ensemble, file)
