"""Shapes of what works element by element, and of the choice between branches."""

from __future__ import annotations

from collections.abc import Callable

from freeze.shapes.rules import Call, Tensor, Value, broadcast, merge, one, rule


@rule(
    *("Identity", "StopGradient", "Cast", "PreventGradient", "CheckNumerics", "ReadVariableOp"),
    *("Snapshot", "EnsureShape", "Assign", "Enter", "LoopCond", "ZerosLike", "OnesLike"),
)
def same(call: Call) -> list[Tensor]:
    if call.node.op in ("ZerosLike", "OnesLike", "Assign"):
        return one(call.shape())
    if call.node.op == "Cast" and call[0].number is not None:
        return one((), int(call[0].number))
    return [call[0]]


@rule(
    *("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Prelu", "Sigmoid", "Tanh"),
    *("Softmax", "LogSoftmax"),
    *("Softplus", "Softsign", "Exp", "Expm1", "Log", "Log1p", "Sqrt", "Rsqrt", "Square"),
    *("Abs", "Sign", "Erf", "Erfc", "Floor", "Ceil", "Round", "Rint", "Sin", "Cos", "Tan", "Inv"),
    *("Reciprocal", "IsNan", "IsInf", "IsFinite", "ClipByValue", "BiasAdd", "LRN"),
    *(
        "Real",
        "Imag",
        "ComplexAbs",
        "Angle",
        "Conj",
        "FFT",
        "IFFT",
        "Cumsum",
        "Cumprod",
        "Reverse",
        "ReverseV2",
    ),
)
def unary(call: Call) -> list[Tensor]:
    return one(call.shape())


@rule("Neg")
def negative(call: Call) -> list[Tensor]:
    value = call[0].value
    return one(call.shape(), -value if isinstance(value, int) else None)


@rule("LogicalNot")
def negated(call: Call) -> list[Tensor]:
    value = call[0].value
    return one(call.shape(), 1 - value if isinstance(value, int) else None)


ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "Add": lambda a, b: a + b,
    "AddV2": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "FloorDiv": lambda a, b: a // b,
    "FloorMod": lambda a, b: a % b,
    "Maximum": max,
    "Minimum": min,
    "Less": lambda a, b: int(a < b),
    "LessEqual": lambda a, b: int(a <= b),
    "Greater": lambda a, b: int(a > b),
    "GreaterEqual": lambda a, b: int(a >= b),
    "Equal": lambda a, b: int(a == b),
    "NotEqual": lambda a, b: int(a != b),
    "LogicalAnd": min,
    "LogicalOr": max,
}


@rule(
    *ARITHMETIC,
    *("RealDiv", "Div", "DivNoNan", "TruncateDiv", "Mod", "Pow", "SquaredDifference", "Atan2"),
    *("Xdivy", "Xlogy", "Complex"),
)
def binary(call: Call) -> list[Tensor]:
    left, right = call[0].value, call[1].value
    value: Value = None
    shape = broadcast(call.shape(0), call.shape(1))
    if shape is not None and len(shape) <= 1 and left is not None and right is not None:
        function = ARITHMETIC.get(call.node.op)
        value = function and _arithmetic(function, left, right)
    return one(shape, value)


def _arithmetic(function: Callable[[int, int], int], left: Value, right: Value) -> Value:
    lefts = left if isinstance(left, tuple) else (left,)
    rights = right if isinstance(right, tuple) else (right,)
    if not lefts or not rights:
        return ()
    size = max(len(lefts), len(rights))
    pairs = zip(lefts * (size // len(lefts)), rights * (size // len(rights)), strict=True)
    try:
        items = tuple(None if a is None or b is None else function(a, b) for a, b in pairs)
    except ZeroDivisionError:
        return None
    return items if isinstance(left, tuple) or isinstance(right, tuple) else items[0]


@rule("Select", "SelectV2")
def select(call: Call) -> list[Tensor]:
    if call.node.op == "Select":
        return one(call.shape(1))
    return one(broadcast(broadcast(call.shape(0), call.shape(1)), call.shape(2)))


@rule("AddN")
def add_n(call: Call) -> list[Tensor]:
    return one(merge([tensor.shape for tensor in call.inputs]))


@rule("Switch", "RefSwitch")
def switch(call: Call) -> list[Tensor]:
    return [call[0], call[0]]


@rule("Merge", "RefMerge")
def merge_branches(call: Call) -> list[Tensor]:
    first, *others = [tensor.shape for tensor in call.inputs]
    return [Tensor(first if all(other == first for other in others) else None), Tensor(())]


@rule("IdentityN")
def identity_n(call: Call) -> list[Tensor]:
    return list(call.inputs)
