"""What only TensorFlow can do, in a process of its own: the child of `freeze.with_tensorflow`.

Graphs and arrays go through files in a folder that the requests name; see `freeze.child`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from freeze.child import serve
from freeze.restoring.architecture import architecture
from freeze.restoring.graph import checkpoint, graph
from freeze.restoring.keras_file import keras
from freeze.restoring.restored_model import RestoredModel, session_of
from freeze.restoring.saved_model import savedmodel

SOURCES: dict[str, Callable[..., RestoredModel]] = {
    "checkpoint": checkpoint,
    "graph": graph,
    "architecture": architecture,
    "savedmodel": savedmodel,
    "keras": keras,
}


class Answers:
    """The answers to one parent's requests: each names in ``do`` what to do."""

    def __init__(self) -> None:
        self.network: RestoredModel | None = None

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self, request.pop("do"))(**request)
        return answer

    def load(self, kind: str, arguments: Sequence[Any], graph: str) -> dict[str, Any]:
        """Restore a network and write down its graph, where it is not the checkpoint's own."""
        self.network = SOURCES[kind](*arguments)
        if self.network.definition is not None:
            Path(graph).write_bytes(self.network.definition.SerializeToString())
        return {"outputs": self.network.outputs, "version": self.network.version}

    def run(
        self, outputs: Sequence[str], fed: Sequence[str], values: str, file: str, to: str
    ) -> dict[str, Any]:
        """Run the restored network, or a frozen file, on the same values."""
        import numpy as np
        from tensorflow.compat import v1

        network = self.network
        if file:
            network = RestoredModel(session_of(v1.GraphDef.FromString(Path(file).read_bytes())))
        assert network is not None
        with np.load(values) as arrays:
            feeds = dict(zip(fed, arrays.values(), strict=True))
        found = network.run(outputs, feeds)
        np.savez(to, *found.values())
        return {"outputs": list(found)}


if __name__ == "__main__":
    serve(Answers())
