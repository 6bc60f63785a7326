"""Networks that no digest vouches for: tried out in a process of its own, or kept there.

A network runs its first patch in a child process with limits of memory and time. Then it runs
in this process, as fast as any other: nothing in it depends on the data, so that the next patch
takes what the first one took. One of which that cannot be told stays in the child.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from math import prod
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import IntegrityError, MissingExtraError, NoError, StorageError, ZooError
from catalog.leftovers import temporary
from catalog.storage import ELSEWHERE, storage_errors
from freeze import limits
from freeze.child import Child, ChildError, DeathError
from freeze.formats import graphdef
from freeze.network_file import NetworkFile
from predictors.runtimes import confined_process, engines, notes, openvino_engine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.runtimes.engines import Runtime
    from predictors.runtimes.graph import PrunedGraph
    from predictors.runtimes.openvino_engine import Run

    Array = NDArray[np.float32]

LARGEST_TRIAL = 1 << 16
"""Values of a batch that is tried out; a single patch may have more."""

_lock = Lock()


class ConfinedNetwork:
    """A network in a child process, which is started when it is first fed.

    Parameters
    ----------
    runtime : str
        A key of `engines.RUNTIMES`.
    graph : PrunedGraph
    file : NetworkFile
        That it comes from.
    """

    def __init__(self, runtime: str, graph: PrunedGraph, file: NetworkFile) -> None:
        self._file = file
        self._lock = Lock()
        with storage_errors(Path("The folder for temporary files"), ELSEWHERE):
            self._folder = temporary()
        self._child: Child | None = None
        is_graph = not isinstance(graph.definition, NetworkFile)
        path = self._path("graph.pb") if is_graph else graph.definition.path.absolute()
        if is_graph:
            with storage_errors(path, ELSEWHERE):
                path.write_bytes(graphdef.serialize(graph.definition))
        self._given, self._found = self._path("given.npz"), self._path("found.npz")
        self._request = {
            **{"path": str(path), "is_graph": is_graph, "input": graph.input},
            **{"outputs": graph.outputs, "also": sorted(graph.also), "runtime": runtime},
            **{"values": str(self._given), "to": str(self._found)},
        }
        self._more = 0 if runtime == "openvino" else limits.TENSORFLOW

    def __call__(self, batch: Array) -> list[Array]:
        """Run a batch.

        Raises
        ------
        ChildError
            It did not come to an end within its limits.
        ZooError
            As the runtime raises.
        """
        size = self._file.content.size
        seconds = limits.seconds(size, batch.nbytes)
        memory = limits.memory(size, batch.nbytes) + self._more
        asked = {"memory": memory, "seconds": seconds, "threads": openvino_engine.threads}
        with self._lock:
            with storage_errors(self._given, ELSEWHERE):
                np.savez(self._given, batch)
            if self._child is None or self._child.process.poll() is not None:
                self.close()
                self._child = Child(confined_process.__name__, {"OPENBLAS_NUM_THREADS": "1"})
            try:
                self._child.ask({**self._request, **asked}, limits.patience(seconds))
            except ZooError:
                self.close()  # what failed once may be left in any state
                raise
            with np.load(self._found) as arrays:
                return list(arrays.values())

    def close(self) -> None:
        """Stop the process."""
        if self._child:
            self._child.close()
            self._child = None

    def __del__(self) -> None:
        with suppress(AttributeError):
            self.close()

    def _path(self, name: str) -> Path:
        return Path(self._folder.name, name)


def confined(runtime: str, file: NetworkFile) -> Runtime:
    """A runtime for a network that no digest vouches for.

    Parameters
    ----------
    runtime : str
        A key of `engines.RUNTIMES`.
    file : NetworkFile
        That the network comes from.
    """
    return partial(_compiled, runtime, file)


def _compiled(runtime: str, file: NetworkFile, graph: PrunedGraph, shape: tuple[int, ...]) -> Run:
    if (network := tried(runtime, file, graph, shape)) is None:
        return engines.RUNTIMES[runtime](graph, shape)

    def run(batch: Array) -> list[Array]:
        try:
            return network(batch)
        except ZooError as error:
            raise NoError(
                f"{file.path} did not come to an end with this input.",
                why=error.why or error.message,
            ) from None

    return run


def tried(
    runtime: str, file: NetworkFile, graph: PrunedGraph, shape: tuple[int, ...]
) -> ConfinedNetwork | None:
    """Try a network out, unless it has been.

    Returns
    -------
    ConfinedNetwork, or None
        None where it may run in this process.

    Raises
    ------
    IntegrityError
        It does not run, or not within the limits, or gives no numbers.
    MissingExtraError
        The runtime is not there.
    """
    from freeze.graph.dependence import depends_on_data

    engines.require(runtime, graph)
    structure = file.graph if graph.definition is file else graph.definition
    stays = depends_on_data(structure, graph.outputs)
    with _lock:
        key = graph.key(runtime, _version(runtime), shape[1:], limits.allowance())
        if not stays and notes.is_made(key):
            return None
        network = ConfinedNetwork(runtime, graph, file)
        rows = shape[0]
        if len(shape) > 1 and graph.shape[:1] == (-1,):
            rows = max(1, min(rows, LARGEST_TRIAL // prod(shape[1:])))
        _try(network, file, (rows, *shape[1:]))
        if stays:
            return network
        network.close()
        notes.make(key)
    return None


def _try(network: ConfinedNetwork, file: NetworkFile, shape: tuple[int, ...]) -> None:
    batch = np.random.default_rng(0).random(shape, np.float32)
    try:
        try:
            outputs = network(batch)
        except DeathError:  # a runtime can crash once, by no fault of the network
            outputs = network(batch)
    except (MissingExtraError, StorageError):
        raise
    except ChildError as error:
        raise _beyond(file, error.message) from None
    except ZooError as error:
        raise IntegrityError(f"{file.path} cannot be run.", error.why, error.hint) from None
    if any(output.size and np.isnan(output).all() for output in outputs):
        raise IntegrityError(
            f"{file.path} gives no numbers, whatever it reads.",
            why="Its weights may be damaged: they are not all numbers.",
        )


def _beyond(file: NetworkFile, why: str) -> IntegrityError:
    return IntegrityError(
        f"{file.path} cannot be run within its limits.",
        why=why,
        hint=limits.MORE,
    )


def _version(runtime: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(runtime)
    except PackageNotFoundError:
        return ""
