"""What is kept of the results of one file: as a row of a table, or whole."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import NoError
from predictors.decoders.pitch import Pitch
from predictors.decoders.tempo import Tempo
from predictors.prediction import Prediction
from zoo.predicting.results import Result, same_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DECODED = {kind.__name__: kind for kind in (Tempo, Pitch)}

Line = dict[str, Any]


@dataclass(frozen=True)
class Layout:
    """What a model says of every file.

    Attributes
    ----------
    classes : tuple of str
    numbers : tuple of str
        Names of what its activations mean together, where its family can tell.
    """

    classes: tuple[str, ...]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, prediction: Prediction) -> Layout:
        """The layout of what a model said."""
        decoded = prediction.decoded
        return cls(prediction.classes, tuple(decoded.numbers()) if decoded else ())

    @classmethod
    def read(cls, line: Line) -> Layout:
        """A layout as a journal has it; ValueError, TypeError or LookupError if it is none."""
        classes, numbers = line["classes"], line["numbers"]
        if not all(isinstance(name, str) for name in (line["model"], *classes, *numbers)):
            raise ValueError
        return cls(tuple(classes), tuple(numbers))


@dataclass(frozen=True)
class Row:
    """What a table shows of one file.

    Attributes
    ----------
    file : str
    duration : float or None
        In seconds.
    means, numbers : dict
        By the models' ids: the mean activations [shape=(classes,), dtype=float32], and what
        they mean together, in the order of the layout.
    error : str or None
    """

    file: str
    duration: float | None
    means: dict[str, NDArray[np.float32]]
    numbers: dict[str, list[float | None]]
    error: str | None


def kept(results: Sequence[Result], *, whole: bool) -> Line:
    """The line of a journal for what models said of a file, with activations if it is whole."""
    return {
        "file": same_name(results[0].file),
        "duration": results[0].duration or None,
        "answers": {result.model: _answer(result, whole) for result in results},
    }


def check(line: Line, layouts: Mapping[str, Layout]) -> None:
    """Raise AttributeError, ValueError, TypeError or LookupError unless `kept` made a line."""
    if not all(isinstance(answer, dict) for answer in line["answers"].values()):
        raise TypeError
    found, whole = row(line), is_whole(line)
    texts = [found.file, found.error or ""]
    numbers = [found.duration, *(value for values in found.numbers.values() for value in values)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    if not all(value is None or isinstance(value, int | float) for value in numbers):
        raise TypeError
    for id, means in found.means.items():
        sizes = len(layouts[id].classes), len(layouts[id].numbers)
        if (len(means), len(found.numbers[id])) != sizes:
            raise ValueError
    if whole:
        results(line, layouts, "")


def is_good(line: Line) -> bool:
    """Tell whether each model said something."""
    return not any("error" in answer for answer in line["answers"].values())


def is_whole(line: Line) -> bool:
    """Tell whether a line holds activations over time, where there were any."""
    answers = line["answers"].values()
    return all("error" in answer or "activations" in answer for answer in answers)


def row(line: Line) -> Row:
    """What a table shows of a line."""
    good = {id: answer for id, answer in line["answers"].items() if "error" not in answer}
    errors = dict.fromkeys(filter(None, (a.get("error") for a in line["answers"].values())))
    return Row(
        line["file"],
        line["duration"],
        {id: _unpacked(answer["mean"]) for id, answer in good.items()},
        {id: answer["numbers"] for id, answer in good.items()},
        " ".join(errors) or None,
    )


def results(line: Line, layouts: Mapping[str, Layout], layer: str) -> list[Result]:
    """The results behind a line that is whole."""
    file, duration = line["file"], line["duration"] or 0
    found = []
    for model, answer in line["answers"].items():
        if "error" in answer:
            found.append(Result(file, model, layer, duration, error=NoError(answer["error"])))
        else:
            prediction = _prediction(answer, layouts[model].classes, model, layer)
            found.append(Result(file, model, layer, duration, prediction=prediction))
    return found


def _answer(result: Result, whole: bool) -> Line:
    found = result.prediction
    if found is None:
        return {"error": result.said}
    decoded = found.decoded
    answer: Line = {
        "mean": _packed(found.mean()),
        "numbers": list(decoded.numbers().values()) if decoded else [],
    }
    if whole:
        answer |= {"activations": _packed(found.activations), "times": _packed(found.times)}
        if decoded:
            arrays = {name: _packed(array) for name, array in vars(decoded).items()}
            answer["decoded"] = {"kind": type(decoded).__name__, **arrays}
    return answer


def _prediction(answer: Line, classes: tuple[str, ...], model: str, layer: str) -> Prediction:
    decoded = None
    if "decoded" in answer:
        arrays = dict(answer["decoded"])
        kind = _DECODED[arrays.pop("kind")]
        decoded = kind(**{name: _unpacked(array) for name, array in arrays.items()})
    return Prediction(
        activations=_unpacked(answer["activations"]).reshape(-1, len(classes)),
        times=_unpacked(answer["times"], "<f8"),
        classes=classes,
        model=model,
        layer=layer,
        decoded=decoded,
    )


def _packed(array: NDArray[Any]) -> str:
    """The bytes of an array as text, which is shorter than its numbers, and exact."""
    little = array.dtype.newbyteorder("<")
    return b64encode(array.astype(little, copy=False).tobytes()).decode()


def _unpacked(text: str, dtype: str = "<f4") -> NDArray[Any]:
    return np.frombuffer(b64decode(text), dtype)
