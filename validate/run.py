"""What does a network compute, tried out in a child process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from freeze import limits
from freeze.child import ChildError, ask
from validate import child
from validate.report import Check, compared, failed, not_applicable, passed

RUN_CHECKS = ("run-completes", "run-finite", "run-sigmoid", "run-softmax", "run-repeatable")
TOLERANCE = 1e-4


@dataclass(frozen=True)
class RunRequest:
    """What to run, and what to feed.

    Attributes
    ----------
    path : str
    kind : str
        ``graph``, ``tfjs`` or ``onnx``.
    input : str
    shape : tuple of int
        Of the batch that is fed.
    outputs : dict of str to str
        Names, with the operation that computes each: ``Sigmoid``, ``Softmax`` or another.
    training_flags : tuple of str
    also : tuple of str
        Operations to allow beyond the list.
    """

    path: str
    kind: str
    input: str
    shape: tuple[int, ...]
    outputs: Mapping[str, str]
    training_flags: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def check(request: RunRequest) -> list[Check]:
    """Run a network twice and judge what came out."""
    size = limits.size_of(request.path)
    seconds, memory = limits.seconds(size), limits.memory(size)
    asked = {**asdict(request), "outputs": list(request.outputs)}
    answer = run({**asked, "memory": memory, "seconds": seconds}, limits.PATIENCE * seconds)
    if "layers" in answer:
        return [passed("run-completes"), *judged(request, answer["layers"])]
    if answer.get("unsupported"):
        return [not_applicable(id, answer["error"]) for id in RUN_CHECKS]
    wanted = f"an answer within {seconds:.0f} s and {memory / 1e9:.1f} GB"
    return [failed("run-completes", wanted, answer["error"])]


def run(request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Ask a child process; an answer that does not come is an answer, too."""
    try:
        return ask(child.__name__, request, seconds, {"OPENBLAS_NUM_THREADS": "1"})
    except ChildError as error:
        return {"error": error.message}


def judged(request: RunRequest, layers: Mapping[str, Mapping[str, float]]) -> list[Check]:
    """Judge the outputs; those that are not finite by that alone."""
    finite = {name: layer for name, layer in layers.items() if layer["finite"]}
    unstable = [
        ("equal outputs", f"{name} differs by {layer['difference']:.3g}")
        for name, layer in finite.items()
        if layer["difference"] > TOLERANCE
    ]
    return [
        compared("run-finite", [("finite values", n) for n in layers if n not in finite]),
        _of_op(
            "run-sigmoid",
            request,
            finite,
            lambda layer: layer["least"] >= -TOLERANCE and layer["most"] <= 1 + TOLERANCE,
            lambda layer: ("0 to 1", f"{layer['least']:.3g} to {layer['most']:.3g}"),
        ),
        _of_op(
            "run-softmax",
            request,
            finite,
            lambda layer: abs(layer["sum"] - 1) <= TOLERANCE,
            lambda layer: ("a sum of 1", f"{layer['sum']:.4g}"),
        ),
        compared("run-repeatable", unstable),
    ]


def _of_op(
    id: str,
    request: RunRequest,
    layers: Mapping[str, Mapping[str, float]],
    holds: Callable[[Mapping[str, float]], bool],
    told: Callable[[Mapping[str, float]], tuple[str, str]],
) -> Check:
    """Judge the outputs of the operation that a check is named after."""
    op = id.partition("-")[2]
    mine = {name: layer for name, layer in layers.items() if request.outputs[name].lower() == op}
    if not mine:
        return not_applicable(id)
    wrong = [(name, *told(layer)) for name, layer in mine.items() if not holds(layer)]
    return compared(id, [(f"{name} {wanted}", f"{found}") for name, wanted, found in wrong])
