"""TensorFlow at work in a child process: what only it can load, and what it computes.

The process that calls stays light, quiet, and alive whatever a file does to TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from catalog import errors, leftovers
from catalog.errors import IntegrityError, MissingExtraError
from freeze import child, limits, tensorflow_process

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
    "CUDA_VISIBLE_DEVICES": "-1",  # whose rounding is coarser than what is to be measured
    "TF_ENABLE_ONEDNN_OPTS": "0",  # on some processors it asks for ten times the memory
}


SECONDS = 300
"""Of processor time that TensorFlow may take to load a network, to convert it, or for a batch."""


def is_installed() -> bool:
    """Whether TensorFlow is there, found out without importing it."""
    return find_spec("tensorflow") is not None


def require(what: str) -> None:
    """Ask for TensorFlow.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    if not is_installed():
        raise MissingExtraError.of(
            "tensorflow",
            f"{what} can only be read by TensorFlow, which is not installed.",
            why="A checkpoint with its .meta file needs no TensorFlow.",
            tensorflow=True,
        )


@dataclass(frozen=True)
class Loaded:
    """What TensorFlow made of a model.

    Attributes
    ----------
    graph : GraphDef or None
        None where the checkpoint has it.
    outputs : tuple of str
        Nodes that the model declares as its outputs.
    version : str
        Of the TensorFlow that wrote it, where it is known.
    """

    graph: Any
    outputs: tuple[str, ...]
    version: str


class RunError(errors.NoError):
    """TensorFlow cannot run a network on these values."""


class TensorFlow:
    """TensorFlow in a child process, to be used in a ``with`` statement."""

    def __init__(self) -> None:
        self._folder = leftovers.temporary()
        self._child: child.Child | None = None
        self._size = 0

    def __enter__(self) -> TensorFlow:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._child:
            self._child.close()
        self._folder.cleanup()

    def load(self, kind: str, *arguments: Any) -> Loaded:
        """Restore a model.

        Parameters
        ----------
        kind : {"checkpoint", "architecture", "graph", "savedmodel", "keras"}
        arguments
            The prefix of a checkpoint with its ``.meta``, outputs, inputs and whether to take
            moving averages; a function, a prefix, and the names of averages by variable; a
            file, outputs and inputs; a folder; a file.

        Raises
        ------
        ZooError
            It cannot be loaded, or not within its limits.
        """
        from freeze.formats import graphdef

        legacy = {"TF_USE_LEGACY_KERAS": "1"} if kind == "architecture" else {}
        self._child = child.Child(tensorflow_process.__name__, {**ENVIRONMENT, **legacy})
        path = self._path("graph.pb")
        request = {"do": "load", "kind": kind, "arguments": arguments, "graph": str(path)}
        place = str(arguments[1 if kind == "architecture" else 0])
        self._size = limits.size_of(place)
        try:
            answer = _ask(self._child, request, self._size)
        except child.ChildError as error:
            message = f"TensorFlow cannot load {place}."
            raise IntegrityError(message, error.message, error.hint) from None
        graph = graphdef.read(path) if path.exists() else None
        return Loaded(graph, tuple(answer["outputs"]), answer["version"])

    def run(
        self, outputs: Sequence[str], feeds: Mapping[str, NDArray[Any]], file: Path | None = None
    ) -> dict[str, NDArray[Any]]:
        """Compute outputs of the restored model, or of a frozen file.

        Parameters
        ----------
        outputs : sequence of str
            Nodes.
        feeds : mapping of str to numpy.ndarray
            By node; those that the network does not have are left out.
        file : Path, optional

        Returns
        -------
        dict of str to numpy.ndarray
            Without those of nodes that TensorFlow does not have, as it names branches its way.

        Raises
        ------
        RunError
            They cannot be computed from these values.
        """
        import numpy as np

        given, found = self._path("given.npz"), self._path("found.npz")
        np.savez(given, *feeds.values())
        request = {"do": "run", "outputs": outputs, "fed": list(feeds), "values": str(given)}
        assert self._child
        try:
            whole = {**request, "file": str(file or ""), "to": str(found)}
            answer = _ask(self._child, whole, self._size, given.stat().st_size)
        except child.ProgramError as error:
            raise RunError("TensorFlow cannot run this network.", why=error.message) from None
        except child.ChildError as error:
            raise IntegrityError("TensorFlow gave no answer.", error.message, error.hint) from None
        with np.load(found) as arrays:
            return dict(zip(answer["outputs"], arrays.values(), strict=True))

    def _path(self, name: str) -> Path:
        return Path(self._folder.name, name)


def ask(module: str, request: Mapping[str, Any], size: int) -> dict[str, Any]:
    """Ask a program that imports TensorFlow one thing, within limits; see `freeze.child.ask`.

    Parameters
    ----------
    module, request
    size : int
        Bytes of the network's file.
    """
    environment = {**ENVIRONMENT, "PYTHONHASHSEED": "0"}  # for the same bytes each time
    with child.Child(module, environment) as process:
        return _ask(process, request, size)


def _ask(
    process: child.Child, request: Mapping[str, Any], size: int, fed: int = 0
) -> dict[str, Any]:
    memory = limits.memory(size, fed) + limits.TENSORFLOW
    within = {"memory": memory, "seconds": SECONDS}
    return process.ask({**request, "limits": within}, limits.patience(SECONDS))
