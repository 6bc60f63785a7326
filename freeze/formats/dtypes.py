"""TensorFlow's element types by number, for what must not wait for NumPy."""

from __future__ import annotations

NAMES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    7: "string",
    8: "complex64",
    9: "int64",
    10: "bool",
    14: "bfloat16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    20: "resource",
    21: "variant",
    22: "uint32",
    23: "uint64",
}
"""Of the enumeration ``DataType``."""

STRING = 7
BOOL = 10
FLOATS = frozenset({1, 2, 14, 19})


def name(number: int) -> str | None:
    """The name of an element type; a reference type is named as what it refers to."""
    return NAMES.get(number - 100 if number > 100 else number)
