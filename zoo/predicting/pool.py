"""Many files, heard by several processes at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import TYPE_CHECKING

from catalog.errors import AudioError
from catalog.workers import available_cores, workers
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
        with workers(processes, _begin, request, ensemble, cores // processes) as pool:
            yield from _answers(pool, rest, more, ahead)
        suspects = deque(rest.popleft() for _ in range(min(len(rest), ahead + 1)))
        while suspects:
            with workers(1, _begin, request, ensemble, cores // processes) as pool:
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


def _begin(request: Request, ensemble: Ensemble, threads: int) -> None:
    from predictors.runtimes import engines

    global _job
    engines.threads = threads
    _job = request, ensemble


def _ask(file: str) -> list[Result]:
    request, ensemble = _job
    return request.run(ensemble, file)
