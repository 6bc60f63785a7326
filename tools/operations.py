"""Write ``freeze/operations/table.txt`` anew, from the TensorFlow that is installed.

Run ``python tools/operations.py`` from the top folder after adding a name to the table. The
names are ours, their signatures are facts of TensorFlow's registry; a test compares both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from freeze.formats.dtypes import SHORT
from freeze.operations.table import PATH, names

HEAD = """\
# The operations that a network may use: those that compute, and do nothing else.
#
# NAME input:type ... -> output:type ... ; attribute:kind ...
#
# A type is an element type, an attribute that names one (T), so many of them (N*T), or an
# attribute that lists them (*T). Kinds in the plural are lists. In brackets stands what is
# allowed; behind / the types that TensorFlow computes on a processor, where these are fewer;
# >= is the least number; = a default, ? one that does not matter here. !14 is not for graphs
# of version 14 and later, !0 is not computed on a processor at all. A name alone is not one
# of TensorFlow's own, or one that it keeps for itself. @name stands for a set of types.
"""
KINDS = {"list(func)": "funcs", "list(string)": "strings", "list(type)": "types"} | {
    f"list({kind})": f"{kind}s" for kind in ("int", "float", "bool", "shape")
}
SETS = {  # sets of types that occur often
    "int": "i32|i64",
    "float": "f32|f64|f16|bf16",
    "real": "f32|f64|i32|u8|i16|i8|i64|bf16|u16|f16|u32|u64",
    "number": "f32|f64|i32|u8|i16|i8|c64|i64|bf16|u16|c128|f16|u32|u64",
    "quantized": "qi8|qu8|qi32|qi16|qu16",
    "copied": "f32|f64|i32|u8|i16|i8|str|c64|i64|bool|qi8|qu8|qi32|bf16|qi16|qu16|u16|c128|f16|res"
    "|var|u32|u64|f8e5|f8e4",
    "any_number": "f32|f64|i32|u8|i16|i8|c64|i64|qi8|qu8|qi32|bf16|qi16|qu16|u16|c128|f16|u32|u64",
}


def types(numbers: Iterable[int]) -> str:
    """A set of element types, in the order of their numbers."""
    text = "|".join(SHORT[number] for number in sorted(numbers))
    return next((f"@{name}" for name, known in SETS.items() if known == text), text)


def argument(arg: Any) -> str:
    """An input or output, ``name:type``."""
    if arg.type_list_attr:
        return f"{arg.name}:*{arg.type_list_attr}"
    number = f"{arg.number_attr}*" if arg.number_attr else ""
    return f"{arg.name}:{number}{arg.type_attr or SHORT[arg.type]}"


def default(attribute: Any) -> str:
    """What stands for an attribute that a node leaves out."""
    if not attribute.HasField("default_value"):
        return ""
    value = attribute.default_value
    match attribute.type:
        case "type":
            return f"={SHORT[value.type]}"
        case "int":
            return f"={value.i}"
        case "bool":
            return f"={str(value.b).lower()}"
        case "float":
            return f"={value.f:.7g}"
        case "string" if value.s.isalnum():
            return f"={value.s.decode()}"
        case "list(int)":
            return f"={','.join(map(str, value.list.i))}"
    return "?"


def computed(name: str, kernels: Sequence[Any]) -> set[int] | None:
    """The types of an attribute that kernels accept; None if some accept any."""
    found: set[int] = set()
    for kernel in kernels:
        limits = [each for each in kernel.constraint if each.name == name]
        if not limits:
            return None
        found.update(limits[0].allowed_values.list.type)
    return found


def kind(attribute: Any, kernels: Sequence[Any]) -> str:
    """An attribute, ``name:kind``."""
    told = KINDS.get(attribute.type, attribute.type)
    allowed = attribute.allowed_values.list
    if attribute.type in ("type", "list(type)"):
        possible = set(allowed.type) or set(SHORT)
        runs = computed(attribute.name, kernels)
        is_limited = kernels and runs is not None and not possible <= runs
        limit = f"/{types((runs or set()) & possible)}" if is_limited else ""
        told += f"({types(allowed.type)}{limit})" if allowed.type or limit else ""
    elif allowed.s:
        told += f"({'|'.join(each.decode() for each in allowed.s)})"
    least = f">={attribute.minimum}" if attribute.has_minimum else ""
    return f"{attribute.name}:{told}{least}{default(attribute)}"


def line(op: Any, kernels: Sequence[Any]) -> str:
    """One operation."""
    left = "".join(f" {argument(each)}" for each in op.input_arg)
    right = "".join(f" {argument(each)}" for each in op.output_arg)
    attributes = "".join(f" {kind(each, kernels)}" for each in op.attr)
    until = f" !{op.deprecation.version}" if op.deprecation.version else ""
    missing = "" if kernels or op.name == "Assert" else " !0"
    return f"{op.name}{left} ->{right}{f' ;{attributes}' if attributes else ''}{until or missing}"


def write() -> str:
    """The whole table."""
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session
    from tensorflow.python.framework import kernels

    listed = pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList())
    registry = {op.name: op for op in op_def_pb2.OpList.FromString(listed).op}
    inner = {name for name in registry if name.startswith("_")}  # change with every version
    computing: dict[str, list[Any]] = {}
    for kernel in kernels.get_all_registered_kernels().kernel:
        if kernel.device_type in ("CPU", "DEFAULT"):
            computing.setdefault(kernel.op, []).append(kernel)
    sets = [f"@{name} = {text}" for name, text in SETS.items()]
    lines = [
        line(registry[name], computing.get(name, ())) if name in registry.keys() - inner else name
        for name in sorted(names())
    ]
    return "\n".join([HEAD, *sets, "", *lines, ""])


if __name__ == "__main__":
    Path(PATH).write_text(write(), "ascii")
