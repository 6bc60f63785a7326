"""A network at work within limits: the program of a child process; see `confined`."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freeze.child import limit, serve
from freeze.formats import graphdef
from freeze.network_file import NetworkFile
from predictors.runtimes import engines, openvino_engine
from predictors.runtimes.graph import PrunedGraph

if TYPE_CHECKING:
    from predictors.runtimes.openvino_engine import Run


class Answers:
    """The answers to requests: what a network, compiled for each shape once, makes of a batch."""

    def __init__(self) -> None:
        self.graph: PrunedGraph | None = None
        self.compiled: dict[tuple[int, ...], Run] = {}

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        import numpy as np

        openvino_engine.threads = request["threads"]
        openvino_engine.import_openvino()
        with suppress(ImportError):  # which takes its time, and is not the network's
            import_module(request["runtime"])
        limit(request["memory"], request["seconds"])
        with np.load(request["values"]) as arrays:
            (batch,) = arrays.values()
        if batch.shape not in self.compiled:
            runtime = engines.RUNTIMES[request["runtime"]]
            self.compiled[batch.shape] = runtime(self._graph(request), batch.shape)
        np.savez(request["to"], *self.compiled[batch.shape](batch))
        return {}

    def _graph(self, request: dict[str, Any]) -> PrunedGraph:
        if self.graph is None:
            path = Path(request["path"])
            definition = graphdef.read(path) if request["is_graph"] else NetworkFile(path)
            outputs, also = tuple(request["outputs"]), frozenset(request["also"])
            self.graph = PrunedGraph(definition, request["input"], (), outputs, also)
        return self.graph


if __name__ == "__main__":
    serve(Answers())
