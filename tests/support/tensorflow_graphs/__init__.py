"""Frozen graphs of the kinds that audio models are made of, as TensorFlow writes them.

A program of its own: ``python -m tests.support.tensorflow_graphs FOLDER`` writes each as
``NAME.pb`` with its record, and what TensorFlow makes of an input as ``NAME.npz``. Their input is
``x``, their output ``y``.
"""

from tests.support.tensorflow_graphs import (  # noqa: F401
    attention,
    choices,
    convolutions,
    frontends,
    quantized,
    recurrent,
)
from tests.support.tensorflow_graphs.register import GRAPHS

__all__ = ["GRAPHS"]
