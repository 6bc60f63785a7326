"""What constants alone decide, computed with NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.formats import tensors

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL = 64
"""Elements of a constant that loops count by."""

CONDITIONS: dict[str, Callable[..., Any]] = {
    "Equal": np.equal,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
    "Identity": np.asarray,
    "Less": np.less,
    "LessEqual": np.less_equal,
    "LogicalNot": np.logical_not,
    "NotEqual": np.not_equal,
}
"""By operation."""

_COUNTING: dict[str, Callable[..., Any]] = {
    **CONDITIONS,
    "Add": np.add,
    "AddV2": np.add,
    "LogicalAnd": np.logical_and,
    "LogicalOr": np.logical_or,
    "Max": lambda values, axes: np.max(values, tuple(axes.ravel())),
    "Maximum": np.maximum,
    "Min": lambda values, axes: np.min(values, tuple(axes.ravel())),
    "Minimum": np.minimum,
    "Mul": np.multiply,
    "Range": np.arange,
    "Sub": np.subtract,
}


def counted(node: Any, reads: Sequence[NDArray[Any] | None]) -> NDArray[Any] | None:
    """The value of a node that only constants decide, so far as loops count by such.

    Parameters
    ----------
    node : NodeDef
    reads : sequence of (numpy.ndarray or None)
        What it reads, where that is known.
    """
    if node.op == "Const":
        tensor = node.attr["value"].tensor
        if np.prod([axis.size for axis in tensor.tensor_shape.dim], initial=1) > SMALL:
            return None
        return tensors.array(tensor, node.name)
    known = [value for value in reads if value is not None]
    if node.op not in _COUNTING or len(known) < len(reads):
        return None
    return np.asarray(_COUNTING[node.op](*known))
