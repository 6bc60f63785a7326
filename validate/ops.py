"""Operations that a network may use: those that compute, and do nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from catalog.errors import listed
from freeze.operations import allowed
from validate.report import Check, failed, passed, warned


def check(graph: Any, outputs: Iterable[str], also: Collection[str] = ()) -> list[Check]:
    """Judge what outputs depend on; see `freeze.operations.allowed.judge`."""
    found = allowed.judge(graph, outputs, also)
    return [
        failed("graph-frozen", "constants only", listed(found.variables))
        if found.variables
        else passed("graph-frozen"),
        failed("graph-ops", "only operations without side effects", listed(found.others))
        if found.others
        else passed("graph-ops"),
        warned("graph-unreachable-ops", "no operations with side effects", listed(found.elsewhere))
        if found.elsewhere
        else passed("graph-unreachable-ops"),
    ]


def check_onnx(foreign: Iterable[str], also: Collection[str] = ()) -> list[Check]:
    """Judge an ONNX model by its operations that are not ONNX's: those of ONNX only compute."""
    bad = sorted(set(foreign) - set(also))
    return [
        failed("graph-ops", "only operations of ONNX", listed(bad)) if bad else passed("graph-ops")
    ]
