"""The text in which libsvm keeps a trained support vector machine.

Source: libsvm 2.89, ``svm_save_model``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np

from freeze.classifiers.svm import SVM, Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_NUMBERS = 4_000_000
"""Of all support vectors, and of all their coefficients; the largest known model has a tenth."""

MOST_CLASSES = 200
MOST_VECTORS = 50_000

_PARAMETERS = {
    "linear": (),
    "polynomial": ("degree", "gamma", "coef0"),
    "rbf": ("gamma",),
    "sigmoid": ("gamma", "coef0"),
}
"""Of each kernel, in the order of the file."""


def parse(text: str, width: int = 0) -> SVM:
    """Read a model.

    Parameters
    ----------
    text : str
    width : int
        Numbers that it is asked about, where they are more than those of its vectors: what a
        vector does not name is 0.

    Raises
    ------
    ValueError
        It is no C-SVC, or damaged.
    """
    head, marker, tail = text.partition("\nSV\n")
    if not marker:
        raise ValueError("There is no line SV in the support vector machine.")
    fields = {key: values for line in head.splitlines() for key, *values in [line.split()]}
    try:
        if fields["svm_type"] != ["c_svc"]:
            raise ValueError(f"It is of the type {fields['svm_type']!r:.80}, not c_svc.")
        return _parsed(fields, tail.splitlines(), width)
    except (KeyError, IndexError) as error:
        raise ValueError(f"The support vector machine lacks its {error}.") from None


def _parsed(fields: dict[str, list[str]], lines: list[str], width: int) -> SVM:
    (kernel,), (count,), (total,) = (fields[key] for key in ("kernel_type", "nr_class", "total_sv"))
    classes = int(count)
    if kernel not in get_args(Kernel):
        raise ValueError(f"Its kernel is {kernel!r:.40}.")
    if not 2 <= classes <= MOST_CLASSES:
        raise ValueError(f"It has {classes} classes.")
    pairs = classes * (classes - 1) // 2
    if len(lines) > MOST_VECTORS or pairs * len(lines) > MOST_NUMBERS:
        raise ValueError("It has more support vectors than any model.")
    labels, counts = (_whole(fields[key], classes) for key in ("label", "nr_sv"))
    if sorted(labels) != [*range(classes)]:
        raise ValueError("Its labels are not the numbers of its classes.")
    if int(total) != sum(counts) or int(total) != len(lines) or min(counts) < 0:
        raise ValueError(f"It has {len(lines)} support vectors, not {total!r:.20}.")
    coefficients, vectors = _vectors(lines, classes, width)
    options = {key: float(fields[key][0]) for key in _PARAMETERS[kernel]}
    certain = "probA" in fields
    svm = SVM(
        cast("Kernel", kernel),
        vectors,
        coefficients,
        _numbers(fields["rho"], pairs),
        counts,
        labels,
        options.get("gamma", 1.0),
        options.get("coef0", 0.0),
        int(options.get("degree", 3)),
        _numbers(fields["probA"], pairs) if certain else None,
        _numbers(fields["probB"], pairs) if certain else None,
    )
    if not all(map(np.isfinite, options.values())):
        raise ValueError("It has parameters that are no numbers.")
    return svm


def _vectors(
    lines: Sequence[str], classes: int, width: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The coefficients [shape=(classes - 1, count)] and vectors [shape=(count, width)]."""
    words = [line.split() for line in lines]
    coefficients = [_numbers(each[: classes - 1], classes - 1) for each in words]
    places = [
        [(int(index), float(value)) for index, _, value in (w.partition(":") for w in each)]
        for each in (row[classes - 1 :] for row in words)
    ]
    used = [index for row in places for index, _ in row]
    width = max(width, *used, 0) if used else width
    if min(used, default=1) < 1 or width * len(lines) > MOST_NUMBERS:
        raise ValueError("Its vectors have places that cannot be.")
    vectors = np.zeros((len(lines), width))
    for vector, row in zip(vectors, places, strict=True):
        for index, value in row:
            vector[index - 1] = value
    if not np.isfinite(vectors).all():
        raise ValueError("It has vectors of what are no numbers.")
    return np.array(coefficients).T.reshape(classes - 1, -1), vectors


def _whole(words: Sequence[str], count: int) -> tuple[int, ...]:
    if len(words) != count:
        raise ValueError(f"{len(words)} numbers stand where {count} must be.")
    return tuple(map(int, words))


def _numbers(words: Sequence[str], count: int) -> NDArray[np.float64]:
    numbers = np.array(words, float)
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise ValueError(f"{len(words)} numbers stand where {count} must be.")
    return numbers


def serialize(svm: SVM) -> str:
    """Write a model as libsvm does: vectors with eight digits, coefficients with sixteen."""
    lines = ["svm_type c_svc", f"kernel_type {svm.kernel}"]
    lines += [f"{key} {getattr(svm, key):g}" for key in _PARAMETERS[svm.kernel]]
    lines += [f"nr_class {len(svm.counts)}", f"total_sv {len(svm.vectors)}"]
    lines += [f"rho {_short(svm.rho)}", f"label {_short(svm.labels)}"]
    if svm.slope is not None and svm.intercept is not None:
        lines += [f"probA {_short(svm.slope)}", f"probB {_short(svm.intercept)}"]
    lines += [f"nr_sv {_short(svm.counts)}", "SV"]
    for coefficients, vector in zip(svm.coefficients.T, svm.vectors, strict=True):
        words = [f"{each:.16g}" for each in coefficients]
        words += [f"{index}:{value:.8g}" for index, value in enumerate(vector, 1)]
        lines.append(" ".join([*words, ""]))
    return "\n".join([*lines, ""])


def _short(numbers: Any) -> str:
    return " ".join(f"{each:g}" for each in numbers)
