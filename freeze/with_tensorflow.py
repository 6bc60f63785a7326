"""TensorFlow at work in a child process: what only it can load, and what it computes.

The process that calls stays light, quiet, and alive whatever a file does to TensorFlow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any

from catalog import errors
from catalog.errors import IntegrityError, MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
    "CUDA_VISIBLE_DEVICES": "-1",  # whose rounding is coarser than what is to be measured
}


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
        self._folder = TemporaryDirectory(prefix="zoo-")
        self._log = self._path("log")
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> TensorFlow:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._child:
            self._child.kill()
            self._child.communicate()
        self._folder.cleanup()

    def load(self, kind: str, *arguments: str) -> Loaded:
        """Restore a model.

        Parameters
        ----------
        kind : {"checkpoint", "architecture", "savedmodel", "keras"}
        arguments : str
            The prefix of a checkpoint with its ``.meta``; a function and a prefix; a folder;
            a file.

        Raises
        ------
        ZooError
            It cannot be loaded.
        """
        from freeze.formats import graphdef

        legacy = {"TF_USE_LEGACY_KERAS": "1"} if kind == "architecture" else {}
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "freeze.tensorflow_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **ENVIRONMENT, **legacy},
            )
        path = self._path("graph.pb")
        answer = self._ask({"do": "load", "kind": kind, "arguments": arguments, "graph": str(path)})
        if "error" in answer:
            raise _error(answer, f"TensorFlow cannot load {arguments[-1]}.")
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

        Raises
        ------
        RunError
            They cannot be computed from these values.
        """
        import numpy as np

        given, found = self._path("given.npz"), self._path("found.npz")
        np.savez(given, *feeds.values())
        request = {"do": "run", "outputs": outputs, "fed": list(feeds), "values": str(given)}
        answer = self._ask({**request, "file": str(file or ""), "to": str(found)})
        if "error" in answer:
            raise RunError("TensorFlow cannot run this network.", why=answer["why"])
        with np.load(found) as arrays:
            return dict(zip(outputs, arrays.values(), strict=True))

    def _path(self, name: str) -> Path:
        return Path(self._folder.name, name)

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._child and self._child.stdin and self._child.stdout
        try:
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
            answer: dict[str, Any] = json.loads(self._child.stdout.readline())
        except (BrokenPipeError, ValueError):
            said = self._log.read_text(errors="replace").strip().splitlines()
            why = said[-1] if said else f"Its exit code is {self._child.wait()}."
            raise IntegrityError("TensorFlow ended without an answer.", why=why) from None
        return answer


def _error(answer: Mapping[str, str], message: str) -> errors.ZooError:
    """The error that the child met."""
    kind = getattr(errors, answer["error"]) if answer["error"] else IntegrityError
    error: errors.ZooError = kind(
        answer.get("message", message), answer["why"], answer.get("hint", "")
    )
    return error
