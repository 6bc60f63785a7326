"""Programs of child processes that answer test after test: each start of one takes seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from convert import onnx
from freeze.child import Child
from freeze.with_tensorflow import ENVIRONMENT
from zoo.exporting import node

SECONDS = 200
"""That an answer may take, on a machine with much to do."""


class Programs:
    """Asked as `freeze.child.ask` is, but for limits."""

    def __init__(self) -> None:
        self._children: dict[str, Child] = {}

    def ask(
        self, program: str | Sequence[str], request: Mapping[str, Any], *_: Any
    ) -> dict[str, Any]:
        """Ask a program, which is started unless it runs."""
        child = self._children.get(str(program))
        if child is None or child.process.poll() is not None:
            child = self._children[str(program)] = Child(program, ENVIRONMENT)
        return child.ask(request, SECONDS)

    def close(self) -> None:
        for child in self._children.values():
            child.close()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let them convert to ONNX, and run TensorFlow.js."""
        with pytest.MonkeyPatch.context() as patch:
            for module in (onnx, node):
                patch.setattr(module, "ask", self.ask)
            yield
