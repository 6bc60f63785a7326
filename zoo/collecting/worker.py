"""What a worker of a Dask cluster does: it takes a job once, and hears files."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any

from distributed import Worker, WorkerPlugin

from catalog import leftovers
from catalog.errors import UsageError
from predictors.runtimes import openvino_engine
from zoo import elsewhere
from zoo.version import __version__

if TYPE_CHECKING:
    from predictors.model import Model
    from zoo.predicting.task import Task


@dataclass(frozen=True)
class Job:
    """A task as it goes to each worker once.

    Attributes
    ----------
    version : str
        Of zoo, where the work was begun.
    task : bytes
        Pickled: models by name and digest.
    networks : dict of str to (str, bytes)
        By digest, name and content of those that no catalog has.
    """

    version: str
    task: bytes
    networks: dict[str, tuple[str, bytes]]

    @classmethod
    def of(cls, task: Task[Any]) -> Job:
        """Pickle a task, and the networks that workers could not pull."""
        models = [model for each in task.ensemble.models for model in _with_extractors(each)]
        own = [
            each for each in models if each.locate is elsewhere.from_sender and each.path.is_file()
        ]
        networks = {each.file.sha256: (each.path.name, each.path.read_bytes()) for each in own}
        return cls(__version__, pickle.dumps(task), networks)

    @property
    def key(self) -> str:
        return f"zoo-{hashlib.sha256(self.task).hexdigest()[:16]}"


def _with_extractors(model: Model) -> Iterator[Model]:
    yield model
    if model.extractor:
        yield from _with_extractors(model.extractor)


class Delivery(WorkerPlugin):  # type: ignore[misc]
    """Brings a job to each worker, those that join later or start again too.

    Attributes
    ----------
    name : str
        The job's key, under which it can be withdrawn.
    """

    def __init__(self, job: Job) -> None:
        self.name = job.key
        self.job = job

    def setup(self, worker: Worker) -> None:
        """Take the job on a worker."""
        _jobs[self.name] = self.job

    def teardown(self, worker: Worker) -> None:
        """Forget it there."""
        _jobs.pop(self.name, None)
        _tasks.pop(self.name, None)


_lock = Lock()
_jobs: dict[str, Job] = {}
_tasks: dict[str, Task[Any]] = {}
_folders: list[TemporaryDirectory[str]] = []


def hear(key: str, files: list[str]) -> list[Any]:
    """Do the task of a job with some files."""
    task = _ready(key)
    return [task(file) for file in files]


def _ready(key: str) -> Task[Any]:
    """The task of a job; its models are found when it is first needed.

    Raises
    ------
    UsageError
        It was made by another version of zoo.
    """
    with _lock:
        if key not in _tasks:
            job = _jobs[key]
            if job.version != __version__:
                raise UsageError(
                    f"A worker has zoo {__version__}, and the work was begun by {job.version}.",
                    hint=f"On each worker: pip install audiozoo=={job.version}",
                )
            openvino_engine.threads = 1  # a worker does as many files at once as it has cores
            for sha256, (name, data) in job.networks.items():
                elsewhere.received[sha256] = _written(name, data)
            _tasks[key] = pickle.loads(job.task)
        return _tasks[key]


def _written(name: str, data: bytes) -> Path:
    _folders.append(leftovers.temporary())
    path = Path(_folders[-1].name) / name
    path.write_bytes(data)
    return path
