"""Many files, heard by several processes at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from catalog.workers import available_cores, workers

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from zoo.predicting.task import Task

T = TypeVar("T")

FILES = 8
"""Files a process that make up for the second that it takes to begin."""

WAITING = 2
"""Files a process that are handed out ahead: more answers are never held."""

_task: Task[Any]


def answers(task: Task[T], files: Iterable[str]) -> Iterator[T]:
    """Do a task with files, and give what comes of it in the order of the files.

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
        yield from map(task, chain(rest, more))
        return
    task.prepare()
    ahead = WAITING * processes
    while rest:
        with workers(processes, _begin, task, cores // processes) as pool:
            yield from _answers(pool, rest, more, ahead)
        suspects = deque(rest.popleft() for _ in range(min(len(rest), ahead + 1)))
        while suspects:
            with workers(1, _begin, task, cores // processes) as pool:
                yield from _answers(pool, suspects, iter(()), 0)
            if suspects:
                yield task.deadly(suspects.popleft())


def _answers(pool: Executor, files: deque[str], more: Iterator[str], ahead: int) -> Iterator[Any]:
    """Take answered files away until none is left, or a process dies."""
    from concurrent.futures.process import BrokenProcessPool

    waiting: deque[Future[Any]] = deque()
    while True:
        files.extend(islice(more, max(0, ahead + 1 - len(files))))
        if not files:
            return
        try:
            for file in islice(files, len(waiting), ahead + 1):
                waiting.append(pool.submit(_ask, file))
            answer = waiting.popleft().result()
        except BrokenProcessPool:
            return
        yield answer
        files.popleft()


def _begin(task: Task[Any], threads: int) -> None:
    from predictors.runtimes import openvino_engine

    global _task
    openvino_engine.threads = threads
    _task = task


def _ask(file: str) -> Any:
    return _task(file)
