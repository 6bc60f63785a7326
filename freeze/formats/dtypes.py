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

SHORT = {
    **{1: "f32", 2: "f64", 3: "i32", 4: "u8", 5: "i16", 6: "i8", 7: "str", 8: "c64", 9: "i64"},
    **{10: "bool", 11: "qi8", 12: "qu8", 13: "qi32", 14: "bf16", 15: "qi16", 16: "qu16"},
    **{17: "u16", 18: "c128", 19: "f16", 20: "res", 21: "var", 22: "u32", 23: "u64"},
    **{24: "f8e5", 25: "f8e4", 29: "i4", 30: "u4"},
}
"""As the table of operations names them, those that no network uses included."""

BY_SHORT = {name: number for number, name in SHORT.items()}

STRING = 7
BOOL = 10
RESOURCE = 20
FLOATS = frozenset({1, 2, 14, 19})


def name(number: int) -> str | None:
    """The name of an element type; a reference type is named as what it refers to."""
    return NAMES.get(number - 100 if number > 100 else number)
