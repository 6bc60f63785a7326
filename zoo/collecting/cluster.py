"""A Dask cluster that hears files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from catalog.errors import MissingExtraError, NetworkError, UsageError
from zoo import __version__

if TYPE_CHECKING:
    from distributed import Client, Future

    from zoo.predicting.task import Task

T = TypeVar("T")

FILES = 8
"""Files that go to a worker at once."""

AHEAD = 2
"""Such bundles a core that are handed out: a scheduler need not know of millions."""

PATIENCE = 10
"""Seconds to wait for a scheduler."""

RECOUNT = 5
"""Seconds after which the cores of a cluster are counted again: workers come and go."""


def answers(task: Task[T], files: Iterable[str], address: str) -> Iterator[T]:
    """Do a task with files on a cluster, and give what comes of it as it comes.

    Files go there in bundles, as many as its cores will soon need. Those of a bundle that ends
    its workers, as often as Dask tries, go one by one. As Dask blames whatever a worker had to
    do, who is left is heard again at the end, alone: then it is known which file does it.

    Parameters
    ----------
    task : Task
    files : iterable of str
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    MissingExtraError
        Dask is not installed here.
    NetworkError
        The cluster cannot be reached, or was lost.
    UsageError
        Its workers have no zoo, or another version.
    """
    with _connected(address) as client, _delivered(client, task) as key:
        from distributed import KilledWorker

        bundles = Bundles(client, key, files)
        suspects: list[str] = []
        try:
            while bundles.fill():
                bundle, future = bundles.next()
                try:
                    yield from future.result()
                except KilledWorker:
                    if len(bundle) > 1:
                        for file in bundle:
                            bundles.send([file])
                    else:
                        suspects += bundle
            for file in suspects:
                bundles.send([file])
                try:
                    yield from bundles.next()[1].result()
                except KilledWorker:
                    yield task.deadly(file)
        finally:
            bundles.cancel()


class Bundles:
    """Files on their way to a cluster, some at a time.

    Parameters
    ----------
    client : Client
    key : str
        Of the job that workers know.
    files : iterable of str
        Taken as they are needed.
    """

    def __init__(self, client: Client, key: str, files: Iterable[str]) -> None:
        from distributed import as_completed

        self._client = client
        self._key = key
        self._files = iter(files)
        self._waiting: dict[Future, list[str]] = {}
        self._done = as_completed(loop=client.loop)
        self._cores = 0
        self._counted = -float(RECOUNT)

    def fill(self) -> bool:
        """Hand out as many as the cores will soon need; tell whether any is on its way."""
        if monotonic() - self._counted >= RECOUNT:
            self._cores, self._counted = sum(self._client.nthreads().values()), monotonic()
        wanted = AHEAD * max(1, self._cores)
        while len(self._waiting) < wanted and (bundle := list(islice(self._files, FILES))):
            self.send(bundle)
        return bool(self._waiting)

    def send(self, bundle: list[str]) -> None:
        """Hand out some files."""
        from zoo.collecting.worker import hear

        future = self._client.submit(hear, self._key, bundle, pure=False)
        self._waiting[future] = bundle
        self._done.add(future)

    def next(self) -> tuple[list[str], Future]:
        """Wait for the first that is done."""
        future = next(self._done)
        return self._waiting.pop(future), future

    def cancel(self) -> None:
        """Call back what is on its way."""
        with suppress(Exception):  # the cluster may be gone
            self._client.cancel(list(self._waiting))


@contextmanager
def _delivered(client: Client, task: Task[Any]) -> Iterator[str]:
    """The key of a task's job, which all workers have in the block."""
    from zoo.collecting.worker import Delivery, Job

    job = Job.of(task)
    client.register_plugin(Delivery(job))
    try:
        yield job.key
    finally:
        with suppress(Exception):  # the cluster may be gone
            client.unregister_worker_plugin(job.key)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError.of(
            "dask", "A cluster needs Dask.", why="It comes with the extra `dask`."
        ) from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise NetworkError(
            f"The scheduler at {address} cannot be reached.",
            why=str(error),
            hint="Start one: dask scheduler",
        ) from None
    try:
        yield client
    except ImportError as error:
        raise UsageError(
            f"The workers of {address} cannot run zoo.",
            why=str(error),
            hint=f"On each of them: pip install audiozoo=={__version__}",
        ) from None
    except (CancelledError, OSError) as error:
        raise NetworkError(
            f"The scheduler at {address} was lost.",
            why=str(error),
            hint="Run the same command again to resume.",
        ) from None
    finally:
        client.close()
